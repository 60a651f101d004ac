"""Why an invited user has no login; its address may be invited again meanwhile"""

import sqlalchemy as sa
from alembic import op

revision = "clients_0004"
down_revision = "clients_0003"
branch_labels = None
depends_on = None

_REASON = sa.Enum("address_in_use", name="invitationrefusal", native_enum=False, length=32)
_NAME, _TABLE = "uq_client_users_email", "client_users"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("refused_because", _REASON, nullable=True))
    op.drop_index(_NAME, _TABLE)
    _unique("status <> 'removed' AND refused_because IS NULL")


def downgrade() -> None:
    op.drop_index(_NAME, _TABLE)
    op.execute("UPDATE client_users SET email = NULL WHERE refused_because IS NOT NULL")
    _unique("status <> 'removed'")
    op.drop_column(_TABLE, "refused_because")


def _unique(where: str) -> None:
    op.create_index(_NAME, _TABLE, ["email"], unique=True, postgresql_where=sa.text(where))
