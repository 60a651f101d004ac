"""The manifest of the clients service."""

from pathlib import Path

from florin_chassis.service import Service
from florin_clients.api import clients, members, orders, requests, services
from florin_clients.consumers import subscriptions
from florin_clients.models import Base
from florin_clients.settings import Settings

service = Service(
    name="clients",
    title="Florin clients",
    settings=Settings,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(clients.router, members.router, orders.router, services.router, requests.router),
    subscriptions=subscriptions,
)
