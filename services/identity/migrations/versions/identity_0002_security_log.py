"""Security log"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0002"
down_revision = "identity_0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("security_log", "security_seals", "security_checkpoints", "security_archives")
ARCHIVED = ("security_log", "security_seals", "security_checkpoints")

# The functions name their schema: a temporary table would otherwise stand before ours.
FUNCTIONS = (
    """
CREATE FUNCTION refuse_security_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %: the security log is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$
""",
    """
CREATE FUNCTION refuse_security_log_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  placed bigint;
BEGIN
  IF TG_TABLE_NAME = 'security_log' THEN
    SELECT position INTO placed FROM {schema}.security_seals WHERE entry_id = OLD.id;
  ELSE
    placed := OLD.position;
  END IF;
  IF placed <= (SELECT max(position) FROM {schema}.security_archives) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'DELETE of %: what was not archived stays', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$
""",
    """
CREATE FUNCTION await_security_log_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.security_unsealed (entry_id) VALUES (NEW.id);
  RETURN NULL;
END $$
""",
)


def upgrade() -> None:
    op.create_table(
        "security_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_log")),
    )
    for columns in (["subject", "id"], ["actor", "id"], ["address", "id"], ["act", "id"], ["at"]):
        name = op.f(f"ix_security_log_{'_'.join(columns)}")
        op.create_index(name, "security_log", columns, unique=False)
    op.create_table(
        "security_unsealed",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_security_unsealed")),
    )
    op.create_table(
        "security_seals",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_security_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_security_seals_entry_id")),
    )
    for table in ("security_checkpoints", "security_archives"):
        op.create_table(
            table,
            sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("digest", sa.LargeBinary(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("signed", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("position", name=op.f(f"pk_{table}")),
        )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for function in FUNCTIONS:
        op.execute(function.format(schema=schema))
    for table in APPEND_ONLY:
        _trigger(table, "refuse_change", "BEFORE UPDATE OR TRUNCATE", "STATEMENT", "change")
    for table in ARCHIVED:
        _trigger(table, "refuse_delete", "BEFORE DELETE", "ROW", "delete")
    _trigger("security_archives", "refuse_delete", "BEFORE DELETE", "STATEMENT", "change")
    op.execute(
        "CREATE TRIGGER await_seal AFTER INSERT ON security_log"
        " FOR EACH ROW EXECUTE FUNCTION await_security_log_seal()"
    )
    op.execute("ALTER TABLE security_log ENABLE ALWAYS TRIGGER await_seal")


def _trigger(table: str, name: str, when: str, each: str, function: str) -> None:
    """One that fires in replication mode too, which would else be a way around it."""
    op.execute(
        f"CREATE TRIGGER {name} {when} ON {table}"
        f" FOR EACH {each} EXECUTE FUNCTION refuse_security_log_{function}()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def downgrade() -> None:
    for table in ("security_unsealed", *reversed(APPEND_ONLY)):
        op.drop_table(table)
    for function in (
        "await_security_log_seal",
        "refuse_security_log_delete",
        "refuse_security_log_change",
    ):
        op.execute(f"DROP FUNCTION {function}()")
