"""A product: a thing that a provider sells, with the plans to buy it by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import NotFound, Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers.catalogue import (
    PlanAdded,
    PlanChanged,
    PlanState,
    PriceChanged,
    PriceWithdrawn,
    ProductArchived,
    ProductChanged,
    ProductCreated,
    ProductOffered,
)
from florin_contracts.providers.offers import OfferStatus, PriceState, Translation
from florin_providers.models.base import Base
from florin_providers.models.pricing import (
    PriceFromThePast,
    PricePeriodsOverlap,
    followed_by,
    priced,
    require_no_overlap,
    without,
)
from florin_providers.models.provider import Provider

PLANS_MAX: Final = 100
"""A product is stated whole with every change, so the number of its plans is limited."""


class ForeignCurrency(Refusal):
    """A provider sells in its own currency only."""

    code = "foreign_currency"


class TooManyPlans(Refusal):
    """A product has as many plans as one may have."""

    code = "too_many_plans"


class CodeTaken(Refusal):
    """Another product or plan of this provider has this code already."""

    code = "code_taken"


class Product(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.catalogue.ProductState`.

    Clients see the catalogue of every provider. The database keeps `Plan` and `Price` in step.
    """

    __tablename__ = "products"
    __history__ = True
    __table_args__ = (
        UniqueConstraint("provider_id", "code"),
        Index(None, "provider_id", "id"),
        Index(None, "product_type", "id"),
        Index(
            "ix_products_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
    )
    __refusals__: ClassVar = {
        "uq_products_provider_id_code": CodeTaken,
        "uq_plans_provider_id_code": CodeTaken,
        "ex_prices_overlap": PricePeriodsOverlap,
    }
    tenants: ClassVar = {"provider": "provider_id", "client": None}

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id"))
    code: Mapped[str]
    product_type: Mapped[str | None] = mapped_column(ForeignKey("product_types.code"))
    name: Mapped[str]
    description: Mapped[str | None]
    translations: Mapped[dict[str, Translation]] = mapped_column(
        ValueColumn(dict[str, Translation])
    )
    tax_category: Mapped[str | None]
    status: Mapped[OfferStatus]
    plans: Mapped[tuple[PlanState, ...]] = mapped_column(ValueColumn(tuple[PlanState, ...]))
    search: Mapped[str] = mapped_column(
        Computed("lower(code || ' ' || name)", persisted=True), deferred=True
    )

    def create(self, provider: Provider) -> Fact:
        """Enter the catalogue of its provider. Raises `ForeignCurrency`, `PricePeriodsOverlap`."""
        for plan in self.plans:
            _require_sellable(plan, provider)
        return self.enter()

    def enter(self) -> Fact:
        """Be in the catalogue, with plans that are known to be sellable."""
        return self.fact(ProductCreated)

    def change(self, changes: Mapping[str, Any]) -> list[Fact]:
        """Set columns to new values; nothing to state if all were so."""
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in differing.items():
            setattr(self, name, value)
        facts = []
        if "status" in differing:
            archived = self.status is OfferStatus.ARCHIVED
            facts.append(self.fact(ProductArchived if archived else ProductOffered))
        if differing.keys() - {"status"}:
            facts.append(self.fact(ProductChanged))
        return facts

    def add_plan(self, plan: PlanState, provider: Provider) -> Fact:
        """Offer one more plan. Raises `ForeignCurrency`, `PricePeriodsOverlap`, `TooManyPlans`."""
        _require_sellable(plan, provider)
        if len(self.plans) >= PLANS_MAX:
            raise TooManyPlans(f"a product has at most {PLANS_MAX} plans")
        self.plans = (*self.plans, plan)
        return self.fact(PlanAdded, plan_id=plan.id)

    def change_plan(self, plan_id: UUID, changes: dict[str, Any]) -> Fact | None:
        """Offer a plan otherwise; nothing to state if all was so. Raises `NotFound`."""
        plan = self.plan(plan_id)
        changed = PlanState.model_validate(plan.model_dump() | changes)
        if changed == plan:
            return None
        self._replace(changed)
        return self.fact(PlanChanged, plan_id=plan_id)

    def change_price(
        self, plan_id: UUID, price: PriceState, provider: Provider, now: datetime
    ) -> Fact:
        """Have a plan cost something else from a moment on, never before now.

        Raises `NotFound`, `PriceFromThePast`, `PricePeriodsOverlap` and `TooManyPrices`.
        """
        if price.valid_from < now:
            raise PriceFromThePast(
                f"a price from {price.valid_from.isoformat()} would change what was", now=now
            )
        plan = self.plan(plan_id)
        self._replace(priced(plan, followed_by(plan.prices, price), provider.currency, now))
        return self.fact(PriceChanged, plan_id=plan_id, price_id=price.id)

    def withdraw_price(
        self, plan_id: UUID, price_id: UUID, provider: Provider, now: datetime
    ) -> Fact:
        """Have a price not come that was announced.

        Raises `NotFound`, `PriceHasBegun` and `LastPrice`.
        """
        plan = self.plan(plan_id)
        left = without(plan.prices, price_id, now)
        self._replace(priced(plan, left, provider.currency, now))
        return self.fact(PriceWithdrawn, plan_id=plan_id, price_id=price_id)

    def plan(self, plan_id: UUID) -> PlanState:
        """One of its plans; raises `NotFound`."""
        found = next((plan for plan in self.plans if plan.id == plan_id), None)
        if found is None:
            raise NotFound(f"there is no plan {plan_id}")
        return found

    def _replace(self, changed: PlanState) -> None:
        self.plans = tuple(changed if plan.id == changed.id else plan for plan in self.plans)


def _require_sellable(plan: PlanState, provider: Provider) -> None:
    if plan.price.currency != provider.currency:
        raise ForeignCurrency(
            f"{provider.name} sells in {provider.currency}, not in {plan.price.currency}",
            currency=provider.currency,
        )
    require_no_overlap(plan.prices)
