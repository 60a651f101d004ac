"""Access is reckoned in steps"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0010"
down_revision = "identity_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_rules",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("marked_to", sa.Uuid(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_rules")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_access_rules_fingerprint")),
    )
    op.create_table(
        "due_reckonings",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("cause", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_due_reckonings")),
    )


def downgrade() -> None:
    op.drop_table("due_reckonings")
    op.drop_table("access_rules")
