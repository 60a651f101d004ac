"""The manifest of the providers service."""

from pathlib import Path

from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.service import Background, Service
from florin_providers.api import (
    companies,
    deliveries,
    departments,
    employees,
    history,
    products,
    providers,
    webhooks,
)
from florin_providers.api.scim import discovery, groups, users
from florin_providers.consumers import subscriptions
from florin_providers.delivery.deliverer import Deliverer
from florin_providers.delivery.retention import forget_deliveries, tidy_deliveries
from florin_providers.models import Base
from florin_providers.settings import Settings


def deliver(runtime: Runtime) -> Background:
    """The process that delivers to webhooks, so that a slow one holds up nothing else."""
    return Deliverer(runtime).run


service = Service(
    name="providers",
    title="Florin providers",
    settings=Settings,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(
        providers.router,
        companies.router,
        departments.router,
        employees.router,
        products.router,
        webhooks.router,
        deliveries.router,
        users.router,
        groups.router,
        discovery.router,
        history.router,
    ),
    subscriptions=subscriptions,
    jobs=(Job("webhook-log", 3_600, tidy_deliveries),),
    commands={"forget-deliveries": forget_deliveries},
    parts={"webhooks": deliver},
)
