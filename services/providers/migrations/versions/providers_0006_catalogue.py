"""Product types, plans and prices"""

revision = "providers_0006"
down_revision = "providers_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
