"""API keys and proofs"""

revision = "identity_0011"
down_revision = "identity_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
