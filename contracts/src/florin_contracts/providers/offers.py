"""What a plan is offered at: periods, prices over time, trials, discounts, and to whom.

The rules are here because whoever sells and whoever takes the order must come to the same price.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, WithJsonSchema, model_validator

from florin_contracts.money import Money
from florin_contracts.party import Country
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class BillingPeriod(StrEnum):
    """How long one price covers; a *custom* period is as long as its `length` says."""

    ONE_OFF = "one_off"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    CUSTOM = "custom"


class PeriodUnit(StrEnum):
    """What the length of a period is counted in."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class PeriodLength(Value):
    """So many days, months or years."""

    count: Annotated[int, Field(ge=1, le=1_000)]
    """How many."""
    unit: Open[PeriodUnit]


class OfferStatus(StrEnum):
    """Whether something is sold, or kept only for those who have bought it."""

    ON_OFFER = "on_offer"
    ARCHIVED = "archived"


class Translation(Value):
    """A name and a description in another language; what is none stays in the first one."""

    name: str | None = None
    """What it is called there."""
    description: str | None = None
    """What it is, in a sentence or two."""


class PriceState(Value):
    """What one period costs from a moment on. It never changes; another one follows it."""

    id: UUID
    """The price."""
    period: Open[BillingPeriod]
    length: PeriodLength | None = None
    """How long a custom period is; none for any other."""
    price: Money
    """What one period costs."""
    setup_fee: Money | None = None
    """What is paid once beside the first period."""
    valid_from: AwareDatetime
    """The first moment at which it may be ordered."""
    valid_until: AwareDatetime | None = None
    """The end of that, exclusive; none while no other price follows."""
    applies_to_running: bool = False
    """Whether services that run already are to pay it from `valid_from` on too."""

    @property
    def term(self) -> str:
        """Its period in one word, such as `month` or `custom:3:month`."""
        return term_of(self.period, self.length)

    def covers(self, at: datetime) -> bool:
        """Whether it may be ordered then."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def overlaps(self, other: Self) -> bool:
        """Whether there is a moment at which both would be the price of the same thing."""
        same = (self.term, self.price.currency) == (other.term, other.price.currency)
        begins = self.valid_until is None or other.valid_from < self.valid_until
        ends = other.valid_until is None or self.valid_from < other.valid_until
        return same and begins and ends


class Trial(Value):
    """The first while of a service at another price, or free."""

    length: PeriodLength
    """How long it is."""
    price: Money | None = None
    """What it costs; none is free."""


Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?$"}),
]
"""0 to 100 as decimal text, two decimals at most."""


class GroupDiscount(Value):
    """What a group of clients pays instead: so many percent less, or a price of its own."""

    group_id: UUID
    """The group of clients."""
    percent: Percent | None = None
    """So much less, in percent, rounded half up to the currency's smallest unit."""
    price: Money | None = None
    """The group's own price of one period; needs `period`."""
    period: Open[BillingPeriod] | None = None
    """The only period that it is about; none is all of them."""
    length: PeriodLength | None = None
    """How long that is when it is custom."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.percent is None) == (self.price is None):
            raise ValueError("a discount is either a percentage or a price")
        if self.price is not None and self.period is None:
            raise ValueError("a group's own price names the period that it is for")
        return self

    def of(self, price: PriceState) -> Money:
        """What the group pays for one period at this price: never more than everybody."""
        if self.period is not None and term_of(self.period, self.length) != price.term:
            return price.price
        if self.percent is not None:
            off = Decimal(price.price.minor) * self.percent / 100
            minor = price.price.minor - int(off.quantize(Decimal(1), ROUND_HALF_UP))
            return Money(minor=minor, currency=price.price.currency)
        if self.price is None or self.price.currency != price.price.currency:
            return price.price
        return min(self.price, price.price, key=lambda money: money.minor)


class Availability(Value):
    """Who may order, and when; what is empty or none does not restrict."""

    group_ids: tuple[UUID, ...] = ()
    """Only clients of one of these groups."""
    countries: tuple[Country, ...] = ()
    """Only clients of one of these countries."""
    available_from: AwareDatetime | None = None
    """Not before."""
    available_until: AwareDatetime | None = None
    """Not from then on."""

    def admits(self, at: datetime, country: Country, group_ids: Collection[UUID]) -> bool:
        """Whether a client of this country and these groups may order then."""
        begun = self.available_from is None or self.available_from <= at
        ended = self.available_until is not None and self.available_until <= at
        of_group = not self.group_ids or not set(self.group_ids).isdisjoint(group_ids)
        return begun and not ended and of_group and country in (self.countries or (country,))


def term_of(period: str, length: PeriodLength | None) -> str:
    """A period in one word: two prices of the same word are for the same length of time."""
    return str(period) if length is None else f"{period}:{length.count}:{length.unit}"
