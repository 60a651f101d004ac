"""Access"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0003"
down_revision = "identity_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("provider_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("client_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["users.id"], name=op.f("fk_access_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access")),
    )
    # Of users that there are already it is stated when it is first reckoned.
    op.execute("INSERT INTO access SELECT id, '{}', false, '{}', '{}', 0 FROM users")
    # The address of one that left may be another's.
    op.drop_constraint("uq_users_email", "users")
    op.create_index(
        "uq_users_email",
        "users",
        ["email"],
        unique=True,
        postgresql_where=sa.text("status <> 'left'"),
    )


def downgrade() -> None:
    op.drop_index("uq_users_email", "users")
    op.create_unique_constraint("uq_users_email", "users", ["email"])
    op.drop_table("access")
