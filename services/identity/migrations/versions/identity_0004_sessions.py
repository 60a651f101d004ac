"""Sessions"""

import sqlalchemy as sa
from alembic import op

revision = "identity_0004"
down_revision = "identity_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "sessions",
        sa.Column(
            "end_cause",
            sa.Enum(
                "signed_out",
                "ended_by_other",
                "token_reused",
                "password_changed",
                "user_suspended",
                name="sessionendcause",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "sessions",
        sa.Column("amr", sa.ARRAY(sa.Text()), server_default="{pwd}", nullable=False),
    )
    op.create_index(op.f("ix_sessions_started_at"), "sessions", ["started_at"], unique=False)
    op.create_table(
        "refresh_families",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("family_hash", sa.LargeBinary(), nullable=False),
        sa.Column("current_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("agent", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_refresh_families_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_refresh_families")),
        sa.UniqueConstraint("family_hash", name=op.f("uq_refresh_families_family_hash")),
    )
    op.add_column(
        "impersonations", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("impersonations", sa.Column("session_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_impersonations_session_id"), "impersonations", ["session_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_impersonations_session_id"), table_name="impersonations")
    op.drop_column("impersonations", "session_id")
    op.drop_column("impersonations", "ended_at")
    op.drop_table("refresh_families")
    op.drop_index(op.f("ix_sessions_started_at"), table_name="sessions")
    op.drop_column("sessions", "amr")
    op.drop_column("sessions", "end_cause")
    op.drop_column("sessions", "ended_at")
