"""Tax rules, and the kinds of acts from before history was kept: that they were, if not of what"""

import sqlalchemy as sa
from alembic import op

revision = "providers_0007"
down_revision = "providers_0006"
branch_labels = None
depends_on = "chassis_0003"

_SAME = ("country", "region", "payer_type", "tax_category")


def upgrade() -> None:
    op.execute("UPDATE audit SET kind = split_part(act, '.', 3)")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "tax_rules",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("tax", sa.String(), nullable=False),
        sa.Column("tax_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rate", sa.String(), nullable=False),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("payer_type", sa.String(length=32), nullable=True),
        sa.Column("tax_category", sa.String(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_tax_rules_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rules")),
    )
    op.create_index("ix_tax_rules_company_id", "tax_rules", ["company_id"])
    same = "".join(f"(coalesce({column}, '')) WITH =, " for column in _SAME)
    op.execute(
        "ALTER TABLE tax_rules ADD CONSTRAINT ex_tax_rules_overlap EXCLUDE USING gist"
        f" (company_id WITH =, tax_key WITH =, {same}"
        " daterange(valid_from, valid_until) WITH &&) WHERE (NOT withdrawn)"
    )


def downgrade() -> None:
    op.drop_table("tax_rules")
    op.execute("DROP EXTENSION btree_gist")
    op.execute("UPDATE audit SET kind = NULL")
