"""A personal account for each currency that a provider sells or sold in"""

from alembic import op

revision = "payers_0002"
down_revision = "payers_0001"
branch_labels = None
depends_on = None

_BEFORE = "uq_accounts_client_id_provider_id"
_NOW = "uq_accounts_client_id_provider_id_currency"


def upgrade() -> None:
    op.create_unique_constraint(_NOW, "accounts", ["client_id", "provider_id", "currency"])
    op.drop_constraint(_BEFORE, "accounts")


def downgrade() -> None:
    op.create_unique_constraint(_BEFORE, "accounts", ["client_id", "provider_id"])
    op.drop_constraint(_NOW, "accounts")
