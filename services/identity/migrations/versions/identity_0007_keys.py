"""Keys"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0007"
down_revision = "identity_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_applications()


def downgrade() -> None:
    op.drop_table("application_secrets")
    op.drop_table("applications")


def _add_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("redirect_uris", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("post_logout_redirect_uris", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("open_to", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
    )
    op.create_table(
        "application_secrets",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_secrets_application_id"),
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_application_secrets")),
    )
    op.create_index(
        op.f("ix_application_secrets_application_id"),
        "application_secrets",
        ["application_id"],
        unique=False,
    )
