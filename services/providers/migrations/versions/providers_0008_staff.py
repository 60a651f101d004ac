"""Departments in several languages, with business hours"""

revision = "providers_0008"
down_revision = "providers_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
