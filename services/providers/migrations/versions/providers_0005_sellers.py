"""Settings of providers, companies as the law knows them"""

revision = "providers_0005"
down_revision = "providers_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
