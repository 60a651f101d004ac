"""What applications may do and are told"""

revision = "identity_0012"
down_revision = "identity_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
