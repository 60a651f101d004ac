"""The manifest of the payers service."""

from pathlib import Path

from florin_chassis.service import Service
from florin_payers.api import accounts, expenses, invoices, payers, payments
from florin_payers.consumers import subscriptions
from florin_payers.models import Base
from florin_payers.settings import Settings

service = Service(
    name="payers",
    title="Florin payers",
    settings=Settings,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(
        payers.router,
        accounts.router,
        invoices.router,
        payments.router,
        expenses.router,
    ),
    subscriptions=subscriptions,
)
