"""Addresses of logins are found"""

import sqlalchemy as sa
from alembic import op

revision = "providers_0009"
down_revision = "providers_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_projected_states_user_email",
        "projected_states",
        [sa.text("(state ->> 'email')")],
        postgresql_where=sa.text("topic = 'identity-user'"),
    )


def downgrade() -> None:
    op.drop_index("ix_projected_states_user_email", "projected_states")
