"""One line of an import or export: a price, with the plan and the product that it belongs to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from florin_contracts.money import CurrencyCode, Money
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import (
    Availability,
    BillingPeriod,
    GroupDiscount,
    OfferStatus,
    PeriodLength,
    PeriodUnit,
    PriceState,
    Translation,
    Trial,
    term_of,
)
from florin_providers.models.catalogue_words import Code, Description, Locale, Name
from florin_providers.models.product import Product


def _structured(value: Any) -> Any:
    """From a cell's JSON text; in JSON it is structured already."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise ValueError("is no JSON") from error


class _Words(Translation):
    name: Name | None = None
    description: Description | None = None


def _as_stated(words: dict[str, _Words]) -> dict[str, Translation]:
    return {tag: Translation(name=w.name, description=w.description) for tag, w in words.items()}


Json = BeforeValidator(_structured)
Translations = Annotated[
    dict[Locale, _Words], Field(max_length=50), AfterValidator(_as_stated), Json
]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC)),
]


class CatalogueRow(BaseModel):
    """Its fields are the columns; what is left out or empty is none, or its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product_code: Code
    product_name: Name
    product_type: Code | None = None
    product_description: Description | None = None
    product_translations: Translations = Field(default_factory=dict)
    tax_category: Code | None = None
    product_status: OfferStatus = OfferStatus.ON_OFFER
    plan_code: Code
    plan_name: Name
    plan_description: Description | None = None
    plan_translations: Translations = Field(default_factory=dict)
    plan_status: OfferStatus = OfferStatus.ON_OFFER
    trial: Annotated[Trial | None, Json] = None
    discounts: Annotated[tuple[GroupDiscount, ...], Field(max_length=50), Json] = ()
    availability: Annotated[Availability | None, Json] = None
    period: BillingPeriod
    length: Annotated[PeriodLength | None, Json] = None
    price: str
    currency: CurrencyCode
    setup_fee: str | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    applies_to_running: bool = False

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if (self.period is BillingPeriod.CUSTOM) != (self.length is not None):
            raise ValueError("length: a custom period has one, and no other has")
        if self.length and not isinstance(self.length.unit, PeriodUnit):
            raise ValueError("length: is counted in day, month or year")
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until: is after valid_from")
        for name in ("price", "setup_fee"):
            self._amount(name)
        return self

    def _amount(self, name: str) -> Money | None:
        text = getattr(self, name)
        if text is None:
            return None
        try:
            amount = Money.of(text, self.currency)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if amount.minor < 0:
            raise ValueError(f"{name}: is zero or more")
        return amount

    @property
    def term(self) -> str:
        """Its period in one word."""
        return term_of(self.period, self.length)

    def price_columns(self) -> dict[str, Any]:
        """What of it is the price's, by the names of a price's state."""
        return {
            "period": self.period,
            "length": self.length,
            "price": self._amount("price"),
            "setup_fee": self._amount("setup_fee"),
            "valid_until": self.valid_until,
            "applies_to_running": self.applies_to_running,
        }

    def plan_columns(self) -> dict[str, Any]:
        """What of it is the plan's, by the names of a plan's state."""
        return {
            "code": self.plan_code,
            "name": self.plan_name,
            "description": self.plan_description,
            "translations": self.plan_translations,
            "status": self.plan_status,
            "trial": self.trial,
            "discounts": self.discounts,
            "availability": self.availability,
        }

    def product_columns(self) -> dict[str, Any]:
        """What of it is the product's, by the names of its columns."""
        return {
            "code": self.product_code,
            "name": self.product_name,
            "product_type": self.product_type,
            "description": self.product_description,
            "translations": self.product_translations,
            "tax_category": self.tax_category,
            "status": self.product_status,
        }


COLUMNS: Final = tuple(CatalogueRow.model_fields)
REQUIRED: Final = tuple(n for n, f in CatalogueRow.model_fields.items() if f.is_required())


def faults_of(error: ValidationError) -> list[tuple[str | None, str]]:
    """Of a row that is none: each column and what is wrong with it."""
    found: list[tuple[str | None, str]] = []
    for fault in error.errors(include_url=False, include_input=False):
        reason = fault["msg"].removeprefix("Value error, ")
        column, _, rest = reason.partition(": ")
        if fault["loc"]:
            found.append((str(fault["loc"][0]), reason))
        else:
            found.append((column, rest) if column in COLUMNS else (None, reason))
    return found


def rows_of(product: Product) -> Iterator[dict[str, Any]]:
    """A product as it is exported, a row for each price, in the words of JSON."""
    of_product = {
        "product_code": product.code,
        "product_name": product.name,
        "product_type": product.product_type,
        "product_description": product.description,
        "product_translations": _dumped(product.translations),
        "tax_category": product.tax_category,
        "product_status": product.status,
    }
    for plan in product.plans:
        of_plan = of_product | _of_plan(plan)
        for price in plan.prices:
            yield of_plan | _of_price(price)


def _of_plan(plan: PlanState) -> dict[str, Any]:
    stated = plan.model_dump(mode="json")
    own = {f"plan_{n}": stated[n] for n in ("code", "name", "description", "status")}
    shared = {name: stated[name] for name in ("trial", "discounts", "availability")}
    return own | shared | {"plan_translations": stated["translations"]}


def _of_price(price: PriceState) -> dict[str, Any]:
    stated = price.model_dump(mode="json")
    del stated["id"]
    fee = price.setup_fee
    amounts = {"price": price.price.amount, "currency": price.price.currency}
    return stated | amounts | {"setup_fee": fee and fee.amount}


def _dumped(translations: dict[str, Translation]) -> dict[str, Any]:
    return {tag: translation.model_dump() for tag, translation in translations.items()}
