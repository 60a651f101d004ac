"""Tax rules, and the kinds of acts from before history was kept: that they were, if not of what"""

from alembic import op

revision = "providers_0007"
down_revision = "providers_0006"
branch_labels = None
depends_on = "chassis_0003"


def upgrade() -> None:
    op.execute("UPDATE audit SET kind = split_part(act, '.', 3)")


def downgrade() -> None:
    op.execute("UPDATE audit SET kind = NULL")
