"""The weather service's tables."""

from alembic import op
from chassis.tests.weather.models import Base

revision = "weather_0001"
down_revision = None
branch_labels = ("weather",)
depends_on = None


def upgrade() -> None:
    Base.metadata.create_all(op.get_bind())


def downgrade() -> None:
    Base.metadata.drop_all(op.get_bind())
