"""Signing keys"""

import sqlalchemy as sa
from alembic import op

revision = "identity_0009"
down_revision = "identity_0008"
branch_labels = None
depends_on = None

STATE = sa.Enum("next", "current", "retired", name="keystate", native_enum=False, length=32)


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("state", STATE, nullable=True))
    op.execute("UPDATE signing_keys SET state = 'retired'")
    op.execute(
        "UPDATE signing_keys SET state = 'current' WHERE kid ="
        " (SELECT kid FROM signing_keys ORDER BY created_at DESC, kid DESC LIMIT 1)"
    )
    op.alter_column("signing_keys", "state", nullable=False)
    op.alter_column("signing_keys", "sealed_private", nullable=True)
    op.execute("UPDATE signing_keys SET sealed_private = NULL WHERE state = 'retired'")
    op.alter_column("signing_keys", "created_at", new_column_name="since", server_default=None)
    op.create_index(
        "uq_signing_keys_state",
        "signing_keys",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state <> 'retired'"),
    )


def downgrade() -> None:
    """Keys that no longer sign have no private part, which the earlier release insists on."""
    op.drop_index("uq_signing_keys_state", table_name="signing_keys")
    op.execute("DELETE FROM signing_keys WHERE state <> 'current'")
    op.alter_column("signing_keys", "since", new_column_name="created_at")
    op.alter_column("signing_keys", "created_at", server_default=sa.text("now()"))
    op.alter_column("signing_keys", "sealed_private", nullable=False)
    op.drop_column("signing_keys", "state")
