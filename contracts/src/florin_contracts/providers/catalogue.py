"""What providers sell: types of products, products, and the plans to buy them by."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from pydantic import Field

from florin_contracts.event import Event
from florin_contracts.money import Money
from florin_contracts.providers.offers import (
    Availability,
    BillingPeriod,
    GroupDiscount,
    OfferStatus,
    PriceState,
    Translation,
    Trial,
)
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ProductTypeState(Value):
    """A kind of product, such as shared hosting; every provider may sell products of it."""

    id: UUID
    """The type."""
    code: str
    """A short name for programs, unique and never changed."""
    name: str
    """What it is called."""
    description: str | None
    """What is sold under it."""
    translations: dict[str, Translation]
    """The same in other languages, by their tags (BCP 47)."""
    tax_category: str
    """What tax rules call its products, unless a product says otherwise."""
    status: Open[OfferStatus]
    """Whether there may be new products of it."""


class ProductTypeCreated(ProductTypeState, Event, type="florin.providers.product-type.created.v1"):
    """There is another kind of product."""


class ProductTypeChanged(ProductTypeState, Event, type="florin.providers.product-type.changed.v1"):
    """A kind of product is called or taxed otherwise, or is archived or on offer again."""


class PlanState(Value):
    """One way to buy a product.

    `period` and `price` are those of its first price in the provider's currency, as of the event;
    `prices` has all, now and to come. Only before 0.2.0 there were none.
    """

    id: UUID
    """The plan."""
    name: str
    """What it is called."""
    period: Open[BillingPeriod]
    price: Money
    """What one period costs, in the provider's currency."""
    code: str | None = None
    """A short name for programs, unique within its provider's catalogue."""
    description: str | None = None
    """What it gives."""
    translations: dict[str, Translation] = Field(default_factory=dict)
    """Its name and description in other languages, by their tags (BCP 47)."""
    status: Open[OfferStatus] = OfferStatus.ON_OFFER
    """Whether it may be ordered."""
    prices: tuple[PriceState, ...] = ()
    """What it costs by period, currency and time; those that have ended may be left out."""
    trial: Trial | None = None
    """What the first while costs; none where there is no trial."""
    discounts: tuple[GroupDiscount, ...] = ()
    """What groups of clients pay instead: the best that a client has counts."""
    availability: Availability | None = None
    """Who may order it, and when; none is everybody, always."""

    def price_at(self, at: datetime, currency: str, term: str | None = None) -> PriceState | None:
        """The price that may be ordered then, of one term or of whichever is stated first."""
        return next(
            (
                price
                for price in self.prices
                if price.price.currency == currency
                and term in (None, price.term)
                and price.covers(at)
            ),
            None,
        )

    def cost_of(self, price: PriceState, group_ids: Collection[UUID]) -> Money:
        """What one period costs a client of these groups."""
        offered = [d.of(price) for d in self.discounts if d.group_id in group_ids]
        return min([price.price, *offered], key=lambda money: money.minor)


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
    code: str | None = None
    """A short name for programs, unique within its provider's catalogue."""
    product_type: str | None = None
    """The code of its type."""
    description: str | None = None
    """What it is."""
    translations: dict[str, Translation] = Field(default_factory=dict)
    """Its name and description in other languages, by their tags (BCP 47)."""
    tax_category: str | None = None
    """What tax rules call it; none where its type's word counts."""
    status: Open[OfferStatus] = OfferStatus.ON_OFFER
    """Whether any plan of it may be ordered."""


class ProductCreated(ProductState, Event, type="florin.providers.product.created.v1"):
    """A product entered the catalogue."""


class ProductChanged(ProductState, Event, type="florin.providers.product.changed.v1"):
    """A product is called, described, typed or taxed otherwise, or an import changed its plans."""


class ProductArchived(ProductState, Event, type="florin.providers.product.archived.v1"):
    """Nobody may order a product any more; who has it keeps it."""


class ProductOffered(ProductState, Event, type="florin.providers.product.offered.v1"):
    """A product that was archived is on offer again."""


class PlanAdded(ProductState, Event, type="florin.providers.product.plan-added.v1"):
    """A product got one more plan, `plan_id`."""

    plan_id: UUID
    """The plan that was added; also in `plans`."""


class PlanChanged(ProductState, Event, type="florin.providers.product.plan-changed.v1"):
    """A plan is called or described otherwise, offered to others, or archived; not its prices."""

    plan_id: UUID
    """The plan."""


class PriceChanged(ProductState, Event, type="florin.providers.product.price-changed.v1"):
    """A plan has another price from a date on. What runs keeps its own unless the price says so."""

    plan_id: UUID
    """The plan."""
    price_id: UUID
    """The new price, among the plan's; the one before it has an end now."""


class PriceWithdrawn(ProductState, Event, type="florin.providers.product.price-withdrawn.v1"):
    """A price that was announced does not come; the one that it would have ended goes on."""

    plan_id: UUID
    """The plan."""
    price_id: UUID
    """The price that was taken back before it began; not among the plan's any more."""
