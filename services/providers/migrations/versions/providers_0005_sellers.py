"""Settings of providers, companies as the law knows them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "providers_0005"
down_revision = "providers_0004"
branch_labels = None
depends_on = None

_NULLABLE_PROVIDER_COLUMNS = (
    "notification_email",
    "own_support_email",
    "site_url",
    "billing_url",
    "help_url",
)


_ROUNDING = sa.Enum("line", "tax_rate", "document", name="rounding", native_enum=False, length=32)
_COMPANY_COLUMNS = (
    ("suspended_provider_ids", postgresql.ARRAY(sa.Uuid(), as_tuple=True), "{}"),
    ("full_name", sa.String(), None),
    ("registration", postgresql.JSONB(), "{}"),
    ("legal_address", postgresql.JSONB(), None),
    ("postal_address", postgresql.JSONB(), None),
    ("contacts", postgresql.JSONB(), "[]"),
    ("director", postgresql.JSONB(), None),
    ("bank_accounts", postgresql.JSONB(), "[]"),
    ("logo", postgresql.JSONB(), None),
    ("stamp", postgresql.JSONB(), None),
    ("document_language", sa.String(), "en"),
    ("rounding", _ROUNDING, "line"),
    ("tax_regime", sa.String(), None),
    ("document_prefix", sa.String(), ""),
    ("numbering", postgresql.JSONB(), "[]"),
    ("past_templates", postgresql.JSONB(), "[]"),
    ("archived", sa.Boolean(), "false"),
)
"""Each by its type, and what companies that there are get; none where it may be absent."""


def _add_company_columns() -> None:
    for name, kind, present in _COMPANY_COLUMNS:
        column = sa.Column(name, kind, nullable=present is None, server_default=present)
        op.add_column("companies", column)
        op.alter_column("companies", name, server_default=None)


def upgrade() -> None:
    op.add_column(
        "providers", sa.Column("locale", sa.String(), nullable=False, server_default="en")
    )
    op.add_column("providers", sa.Column("icon", postgresql.JSONB(), nullable=True))
    for name in _NULLABLE_PROVIDER_COLUMNS:
        op.add_column("providers", sa.Column(name, sa.String(), nullable=True))
    op.add_column(
        "providers",
        sa.Column("registration", postgresql.JSONB(), nullable=False, server_default="{}"),
    )
    op.add_column(
        "providers",
        sa.Column("previous_currencies", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column(
        "providers", sa.Column("archived", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column(
        "providers", sa.Column("evaluation", sa.BigInteger(), nullable=False, server_default="0")
    )
    for name in ("locale", "registration", "previous_currencies", "archived", "evaluation"):
        op.alter_column("providers", name, server_default=None)
    _add_company_columns()
    op.create_table(
        "pictures",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("icon", "logo", "stamp", name="purpose", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "purpose", name=op.f("pk_pictures")),
    )


def downgrade() -> None:
    op.drop_table("pictures")
    for name, _, _ in reversed(_COMPANY_COLUMNS):
        op.drop_column("companies", name)
    for name in ("archived", "evaluation", "previous_currencies", "registration"):
        op.drop_column("providers", name)
    for name in reversed(_NULLABLE_PROVIDER_COLUMNS):
        op.drop_column("providers", name)
    op.drop_column("providers", "icon")
    op.drop_column("providers", "locale")
