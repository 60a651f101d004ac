"""What applications may do and are told"""

import sqlalchemy as sa
from alembic import op

revision = "identity_0012"
down_revision = "identity_0010"
branch_labels = None
depends_on = None

STATUSES = ("waiting", "delivered", "refused", "expired")


def upgrade() -> None:
    op.add_column("applications", sa.Column("backchannel_logout_uri", sa.String(), nullable=True))
    op.create_table(
        "logout_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*STATUSES, name="noticestatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_logout_notices_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_logout_notices_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_notices")),
    )
    op.create_index(
        "ix_logout_notices_waiting",
        "logout_notices",
        ["due_at"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    for column in ("application_id", "user_id", "ended_at"):
        op.create_index(op.f(f"ix_logout_notices_{column}"), "logout_notices", [column])


def downgrade() -> None:
    op.drop_table("logout_notices")
    op.drop_column("applications", "backchannel_logout_uri")
