"""A client's users are invited, suspended, removed"""

import sqlalchemy as sa
from alembic import op

revision = "clients_0002"
down_revision = "clients_0001"
branch_labels = None
depends_on = "chassis_0001"

_STATUS = sa.Enum(
    "invited",
    "active",
    "suspended",
    "removed",
    name="clientuserstatus",
    native_enum=False,
    length=32,
)


def upgrade() -> None:
    op.add_column("client_users", sa.Column("email", sa.String(), nullable=True))
    op.add_column(
        "client_users", sa.Column("status", _STATUS, nullable=False, server_default="active")
    )
    op.alter_column("client_users", "status", server_default=None)
    op.add_column(
        "client_users",
        sa.Column("joined", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.alter_column("client_users", "joined", server_default=None)
    op.create_index(
        "uq_client_users_email",
        "client_users",
        ["email"],
        unique=True,
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.create_index(
        "ix_projected_states_user_email",
        "projected_states",
        [sa.text("(state ->> 'email')")],
        postgresql_where=sa.text("topic = 'identity-user'"),
    )


def downgrade() -> None:
    op.drop_index("ix_projected_states_user_email", "projected_states")
    op.drop_index("uq_client_users_email", "client_users")
    op.drop_column("client_users", "joined")
    op.drop_column("client_users", "status")
    op.drop_column("client_users", "email")
