"""Aggregates of two kinds may have the same id"""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None

_KIND = sa.text("split_part(act, '.', 3)")


def upgrade() -> None:
    op.drop_constraint("uq_audit_subject_sequence", "audit")
    op.create_index(
        "uq_audit_subject_sequence_kind", "audit", ["subject", "sequence", _KIND], unique=True
    )
    op.drop_constraint("pk_pending_tombstones", "pending_tombstones")
    op.create_primary_key("pk_pending_tombstones", "pending_tombstones", ["topic", "subject"])


def downgrade() -> None:
    op.drop_constraint("pk_pending_tombstones", "pending_tombstones")
    op.create_primary_key("pk_pending_tombstones", "pending_tombstones", ["subject"])
    op.drop_index("uq_audit_subject_sequence_kind", "audit")
    op.create_unique_constraint("uq_audit_subject_sequence", "audit", ["subject", "sequence"])
