"""A product: a thing that a provider sells, with the plans to buy it by."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers import PlanAdded, PlanState, ProductCreated
from florin_providers.models.base import Base
from florin_providers.models.provider import Provider

PLANS_MAX = 100
"""A product is stated whole with every change, so the number of its plans is limited."""


class ForeignCurrency(Refusal):
    """A provider sells in its own currency only."""

    code = "foreign_currency"


class TooManyPlans(Refusal):
    """A product has as many plans as one may have."""

    code = "too_many_plans"


class Product(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.ProductState`.

    Clients see the catalogue of every provider.
    """

    __tablename__ = "products"
    __history__ = True
    tenants: ClassVar = {"provider": "provider_id", "client": None}

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id"), index=True)
    name: Mapped[str]
    plans: Mapped[tuple[PlanState, ...]] = mapped_column(ValueColumn(tuple[PlanState, ...]))

    def create(self, provider: Provider) -> Fact:
        """Enter the catalogue of its provider. Raises `ForeignCurrency`."""
        for plan in self.plans:
            _require_currency(plan, provider)
        return self.fact(ProductCreated)

    def add_plan(self, plan: PlanState, provider: Provider) -> Fact:
        """Offer one more plan. Raises `ForeignCurrency` and `TooManyPlans`."""
        _require_currency(plan, provider)
        if len(self.plans) >= PLANS_MAX:
            raise TooManyPlans(f"a product has at most {PLANS_MAX} plans")
        self.plans = (*self.plans, plan)
        return self.fact(PlanAdded, plan_id=plan.id)


def _require_currency(plan: PlanState, provider: Provider) -> None:
    if plan.price.currency != provider.currency:
        raise ForeignCurrency(
            f"{provider.name} sells in {provider.currency}, not in {plan.price.currency}",
            currency=provider.currency,
        )
