"""The manifest of the providers service."""

from pathlib import Path

from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.service import Background, Service
from florin_providers.api import (
    catalogue,
    companies,
    country_packs,
    deliveries,
    departments,
    documents,
    employees,
    history,
    icons,
    plans,
    products,
    providers,
    tax_rules,
    webhooks,
)
from florin_providers.api.scim import bulk, discovery, groups, users
from florin_providers.commands.import_catalogue import import_catalogue
from florin_providers.consumers import subscriptions
from florin_providers.delivery.deliverer import Deliverer
from florin_providers.delivery.retention import forget_deliveries, tidy_deliveries
from florin_providers.models import Base
from florin_providers.settings import Settings
from florin_providers.use_cases.run_waiting_imports import run_waiting_imports


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
        icons.router,
        companies.router,
        documents.router,
        country_packs.router,
        departments.router,
        employees.router,
        products.router,
        plans.router,
        catalogue.router,
        tax_rules.router,
        webhooks.router,
        deliveries.router,
        users.router,
        groups.router,
        bulk.router,
        discovery.router,
        history.router,
    ),
    subscriptions=subscriptions,
    jobs=(
        Job("webhook-log", 3_600, tidy_deliveries),
        Job("catalogue-imports", 2, run_waiting_imports),
    ),
    commands={"forget-deliveries": forget_deliveries, "import-catalogue": import_catalogue},
    parts={"webhooks": deliver},
)
