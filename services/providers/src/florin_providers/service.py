"""The manifest of the providers service."""

from pathlib import Path

from florin_chassis.service import Service
from florin_providers.api import companies, products, providers, staff
from florin_providers.consumers import subscriptions
from florin_providers.models import Base
from florin_providers.settings import Settings

service = Service(
    name="providers",
    title="Florin providers",
    settings=Settings,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(providers.router, companies.router, staff.router, products.router),
    subscriptions=subscriptions,
)
