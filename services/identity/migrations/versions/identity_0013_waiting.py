"""Who waits for an address; which sessions go on"""

import sqlalchemy as sa
from alembic import op

revision = "identity_0013"
down_revision = "identity_0012"
branch_labels = None
depends_on = "chassis_0001"

_PLACES, _GOING_ON = "ix_projected_states_client_user_email", "ix_sessions_going_on"


def upgrade() -> None:
    op.create_index(
        _PLACES,
        "projected_states",
        [sa.text("(state ->> 'email')")],
        postgresql_where=sa.text("topic = 'clients-user'"),
    )
    op.create_index(
        _GOING_ON, "sessions", ["started_at"], postgresql_where=sa.text("ended_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index(_GOING_ON, "sessions")
    op.drop_index(_PLACES, "projected_states")
