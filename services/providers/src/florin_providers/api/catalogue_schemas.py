"""What the routes of the catalogue take and answer."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    model_validator,
)

from florin_chassis.http.bodies import Body, Instant, Line
from florin_chassis.ids import new_id
from florin_contracts.money import Money, MoneyInBody
from florin_contracts.party import Country
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import (
    BillingPeriod,
    GroupDiscount,
    OfferStatus,
    Percent,
    PeriodUnit,
    PriceState,
    Translation,
)
from florin_providers.api.schemas import Changes, Ids
from florin_providers.models import PLANS_MAX, PRICES_MAX
from florin_providers.models.catalogue_words import Code, Description, Locale


def _not_negative(price: Money) -> Money:
    if price.minor < 0:
        raise ValueError("a price is zero or more")
    return price


Amount = Annotated[MoneyInBody, AfterValidator(_not_negative)]


class NewTranslation(Body):
    """A name and a description in another language."""

    name: Line | None = None
    description: Description | None = None


Translations = Annotated[dict[Locale, NewTranslation], Field(max_length=50)]


class NewLength(Body):
    """How long a period is."""

    count: Annotated[int, Field(ge=1, le=1_000)]
    unit: PeriodUnit


class Term(Body):
    """A period; one that is custom says how long it is."""

    period: BillingPeriod
    length: NewLength | None = None

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if (self.period is BillingPeriod.CUSTOM) != (self.length is not None):
            raise ValueError("a custom period has a length, and no other has")
        return self


class NewPrice(Term):
    """A price; without `valid_from` it begins now."""

    price: Amount
    setup_fee: Amount | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    applies_to_running: bool = False

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.setup_fee and self.setup_fee.currency != self.price.currency:
            raise ValueError("the setup fee is in the currency of the price")
        if self.valid_until and self.valid_from and self.valid_until <= self.valid_from:
            raise ValueError("valid_until is after valid_from")
        return self

    def to_contract(self, now: datetime) -> PriceState:
        """As it is kept and stated, with an id of its own."""
        given = self.model_dump(exclude={"valid_from", "price", "setup_fee"})
        return PriceState(
            id=new_id(),
            price=self.price,
            setup_fee=self.setup_fee,
            valid_from=self.valid_from or now,
            **given,
        )


class NewTrial(Body):
    """The first while at another price, or free."""

    length: NewLength
    price: Amount | None = None


class NewDiscount(Body):
    """What a group pays instead: so much less, or a price of its own for one period."""

    group_id: UUID
    percent: Percent | None = None
    price: Amount | None = None
    period: BillingPeriod | None = None
    length: NewLength | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        GroupDiscount(**self.model_dump())
        return self


class NewAvailability(Body):
    """Who may order, and when; what is left out does not restrict."""

    group_ids: Ids = ()
    countries: Annotated[tuple[Country, ...], Field(max_length=250)] = ()
    available_from: Instant | None = None
    available_until: Instant | None = None


class Offering(Body):
    """What a plan is beside its name and its prices."""

    description: Description | None = None
    translations: Translations = {}  # noqa: RUF012 - pydantic copies it
    trial: NewTrial | None = None
    discounts: Annotated[tuple[NewDiscount, ...], Field(max_length=50)] = ()
    availability: NewAvailability | None = None


class NewPlan(Offering):
    """A plan to offer: for one period and price from now on, or for several `prices`."""

    name: Line
    code: Code | None = None
    period: BillingPeriod | None = None
    length: NewLength | None = None
    price: Amount | None = None
    prices: Annotated[tuple[NewPrice, ...], Field(max_length=PRICES_MAX)] = ()

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        if (self.period is None) != (self.price is None):
            raise ValueError("a period needs a price, and a price a period")
        if (self.price is None) == (not self.prices):
            raise ValueError("a plan has either one period and price or several prices")
        return self

    def to_contract(self, now: datetime) -> PlanState:
        """The plan as it is kept and stated, with an id of its own."""
        stated = tuple(price.to_contract(now) for price in self.prices)
        if self.price is not None:
            said = self.model_dump(include={"period", "length", "price"})
            stated = (PriceState(id=new_id(), valid_from=now, **said),)
        id_ = new_id()
        given = self.model_dump(exclude={"code", "period", "length", "price", "prices"})
        return PlanState(
            id=id_,
            code=self.code or str(id_),
            period=stated[0].period,
            price=stated[0].price,
            prices=stated,
            **given,
        )


class PlanChanges(Offering):
    """What to change of a plan; what is left out stays, null ends a trial or a restriction."""

    name: Line | None = None
    status: OfferStatus | None = None

    def columns(self) -> dict[str, Any]:
        """What was said, by the names of a plan's state."""
        said = self.model_dump(exclude_unset=True)
        may_be_none = {"description", "trial", "availability"}
        return {name: v for name, v in said.items() if v is not None or name in may_be_none}


class NewType(Body):
    """A kind of product to sell."""

    code: Code
    name: Line
    description: Description | None = None
    translations: Translations = {}  # noqa: RUF012
    tax_category: Code = "standard"


class CatalogueChanges(Changes):
    """What to change; what is left out or null stays."""

    name: Line | None = None
    description: Description | None = None
    translations: Translations | None = None
    tax_category: Code | None = None
    status: OfferStatus | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent, as the aggregate keeps it."""
        columns = super().columns()
        if self.translations is not None:
            columns["translations"] = translated(self.translations)
        return columns


class TypeChanges(CatalogueChanges):
    """What to change of a type; its code never changes."""


class ProductChanges(CatalogueChanges):
    """What to change of a product; its plans are changed one by one."""

    product_type: Code | None = None


class NewProduct(Body):
    """A product to enter in the catalogue, with its first plans."""

    provider_id: UUID
    name: Line
    code: Code | None = None
    product_type: Code | None = None
    description: Description | None = None
    translations: Translations = {}  # noqa: RUF012
    tax_category: Code | None = None
    plans: Annotated[tuple[NewPlan, ...], Field(max_length=PLANS_MAX)] = ()

    def columns(self) -> dict[str, Any]:
        """As a product's columns; its code is its id where none was chosen."""
        id_ = new_id()
        given = self.model_dump(exclude={"code", "translations", "plans"})
        return given | {
            "id": id_,
            "code": self.code or str(id_),
            "translations": translated(self.translations),
            "status": OfferStatus.ON_OFFER,
        }


def translated(translations: Translations) -> dict[str, Translation]:
    """As they are kept and stated."""
    return {tag: Translation.model_validate(t.model_dump()) for tag, t in translations.items()}
