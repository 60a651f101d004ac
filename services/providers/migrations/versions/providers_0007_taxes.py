"""Tax rules"""

revision = "providers_0007"
down_revision = "providers_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
