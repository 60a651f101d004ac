"""Periods of any length, and setup fees"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "clients_0003"
down_revision = "clients_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("length", postgresql.JSONB(), nullable=True))
    op.add_column("orders", sa.Column("setup_fee", postgresql.JSONB(), nullable=True))
    op.add_column("services", sa.Column("length", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("services", "length")
    op.drop_column("orders", "setup_fee")
    op.drop_column("orders", "length")
