"""The catalogue: what is sold, by which plans, at what price."""

from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.money import Money
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class BillingPeriod(StrEnum):
    """How long one price covers."""

    ONE_OFF = "one_off"
    MONTH = "month"
    YEAR = "year"


class PlanState(Value):
    """One way to buy a product: a period and its price, in the provider's currency."""

    id: UUID
    """The plan."""
    name: str
    """What it is called."""
    period: Open[BillingPeriod]
    price: Money
    """What one period costs, in the provider's currency."""


class ProductState(Value):
    """A thing that a provider sells, with its plans."""

    id: UUID
    """The product."""
    provider_id: UUID
    """Who sells it."""
    name: str
    """What it is called."""
    plans: tuple[PlanState, ...]
    """The ways to buy it."""


class ProductCreated(ProductState, Event, type="florin.providers.product.created.v1"):
    """A product entered the catalogue."""


class PlanAdded(ProductState, Event, type="florin.providers.product.plan-added.v1"):
    """A product got one more plan, `plan_id`."""

    plan_id: UUID
    """The plan that was added; also in `plans`."""
