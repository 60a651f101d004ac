"""What the routes about taxes take and answer."""

from datetime import date
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AfterValidator, StringConstraints, model_validator

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.party import CountryInBody, PayerType
from florin_contracts.providers import TaxKind
from florin_contracts.providers.tax import Rate
from florin_contracts.taxes import TaxChoice, Taxed
from florin_providers.api.places import Region

_EARLIEST: Final = date(1970, 1, 1)
_LATEST: Final = date(9998, 12, 31)


def _within_bounds(day: date) -> date:
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError(f"a day is between {_EARLIEST} and {_LATEST}")
    return day


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


Day = Annotated[date, AfterValidator(_within_bounds)]
TaxName = Annotated[Line, StringConstraints(max_length=64), AfterValidator(_single_spaced)]
Category = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A product's tax category."""
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$")]
"""For example of the list VATEX: `VATEX-EU-AE`."""


class TaxTerms(Body):
    """What a rule says; whom and for what it is about matches any if left out."""

    tax: TaxName
    kind: TaxKind = TaxKind.TAXED
    rate: Rate = "0"
    inclusive: bool = False
    country: CountryInBody | None = None
    region: Region | None = None
    payer_type: PayerType | None = None
    tax_category: Category | None = None
    reason_code: ReasonCode | None = None
    reason: Line | None = None
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _in_its_country(self) -> Self:
        if self.region is not None and self.region[:2] != self.country:
            raise ValueError(f"{self.region} is no part of the country {self.country}")
        return self

    @model_validator(mode="after")
    def _charges_what_it_says(self) -> Self:
        taxed = self.kind is TaxKind.TAXED
        if taxed == (self.rate == "0"):
            raise ValueError("only what is taxed has a rate, of more than 0")
        if taxed and (self.reason_code or self.reason):
            raise ValueError("what is taxed needs no reason why not")
        excused = self.kind in {TaxKind.EXEMPT, TaxKind.REVERSE_CHARGE}
        if excused and not (self.reason_code or self.reason):
            raise ValueError("an exemption or reverse charge has a reason or its code")
        return self

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("valid_until is the first day on which it applies no more")
        return self

    def terms(self) -> dict[str, Any]:
        """By the names of the aggregate's columns."""
        return self.model_dump(exclude={"company_id"})


class NewTaxRule(TaxTerms):
    """A rule to set for a company."""

    company_id: UUID


class TaxRuleEnd(Body):
    """When a rule ends; null takes an end back that has not come."""

    valid_until: Day | None


class TaxRuleAnswer(Resource):
    """A tax rule."""

    company_id: UUID
    tax: str
    kind: TaxKind
    rate: str
    inclusive: bool
    country: str | None
    region: str | None
    payer_type: PayerType | None
    tax_category: str | None
    reason_code: str | None
    reason: str | None
    valid_from: date
    valid_until: date | None
    withdrawn: bool


class TaxesAnswer(TaxChoice):
    """Which taxes apply, why, and what they come to if an amount was named."""

    worked_out: Taxed | None
