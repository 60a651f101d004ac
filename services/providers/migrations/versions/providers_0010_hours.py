"""Departments: names by language, business hours, shown in support or not"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "providers_0010"
down_revision = "providers_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "departments", sa.Column("names", JSONB(), nullable=False, server_default=sa.text("'{}'"))
    )
    op.add_column("departments", sa.Column("business_hours", JSONB(), nullable=True))
    op.add_column(
        "departments",
        sa.Column("shown_in_support", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for column in ("names", "shown_in_support"):
        op.alter_column("departments", column, server_default=None)


def downgrade() -> None:
    for column in ("shown_in_support", "business_hours", "names"):
        op.drop_column("departments", column)
