"""What an aggregate was after each of its changes"""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None

_KIND = "As in its topic, of an aggregate that keeps its history"
_STATE = "What its fact carried, JSON; null once the aggregate is erased"
_KEPT = sa.text("kind IS NOT NULL")
_INDEXES = {
    "ix_audit_history": (),
    "ix_audit_history_kind": ("kind",),
    "ix_audit_history_actor": ("actor",),
}


def upgrade() -> None:
    op.add_column("audit", sa.Column("kind", sa.Text, comment=_KIND))
    op.add_column("audit", sa.Column("state", sa.Text, comment=_STATE))
    for name, by in _INDEXES.items():
        op.create_index(name, "audit", [*by, "at", "event_id"], postgresql_where=_KEPT)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "audit")
    op.drop_column("audit", "state")
    op.drop_column("audit", "kind")
