"""Numbers by the companies' templates; the company that was chosen for a payer"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "payers_0003"
down_revision = "payers_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "number_series",
        "year",
        new_column_name="series",
        type_=sa.String(),
        postgresql_using="year::text",
    )
    op.execute("UPDATE number_series SET document_type = 'invoice' WHERE document_type = 'INV'")
    op.add_column(
        "payers",
        sa.Column("companies", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.alter_column("payers", "companies", server_default=None)


def downgrade() -> None:
    op.drop_column("payers", "companies")
    op.execute("UPDATE number_series SET document_type = 'INV' WHERE document_type = 'invoice'")
    op.alter_column(
        "number_series",
        "series",
        new_column_name="year",
        type_=sa.Integer(),
        postgresql_using="series::integer",
    )
