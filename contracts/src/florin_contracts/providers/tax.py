"""A tax rule: which tax a company charges whom, for what, at which rate, from when until when."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, WithJsonSchema

from florin_contracts.event import Event
from florin_contracts.party import Country, PayerType
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open

_RATE_MAX: Final = 100
_RATE: Final = re.compile(r"(0|[1-9][0-9]?|100)(\.[0-9]{1,4})?")


def _canonical(text: str) -> str:
    if not _RATE.fullmatch(text) or Decimal(text) > _RATE_MAX:
        raise ValueError(f'{text!r} is no percentage from "0" to "100" such as "20" or "9.975"')
    return f"{Decimal(text).normalize():f}"


Rate = Annotated[
    str,
    AfterValidator(_canonical),
    WithJsonSchema({"type": "string", "pattern": f"^{_RATE.pattern}$"}),
]
"""A percentage from 0 to 100 as a decimal text, without needless zeros: `"20"`, `"9.975"`."""


class TaxKind(StrEnum):
    """What a rule says of the tax; all but *taxed* charge nothing."""

    TAXED = "taxed"
    ZERO_RATED = "zero_rated"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"


class TaxQuestion(Value):
    """Who pays for what on which day: what a tax depends on."""

    country: Country
    """Where the payer is."""
    region: str | None = None
    """The part of that country by its ISO 3166-2 code; none where it is not known."""
    payer_type: str
    """What the payer is before the law."""
    tax_category: str | None = None
    """What is sold: a product's tax category; none where it has none."""
    on: date
    """The day, in the time zone of the provider that sells."""


class TaxRuleState(Value):
    """Which tax a company charges; `None` in a field of whom and for what matches any.

    Days are those of the provider that sells: where it is, a rule begins and ends at midnight.
    """

    id: UUID
    """The rule."""
    company_id: UUID
    """Whose rule it is."""
    tax: str
    """What the tax is called on documents. Of each tax one rule applies, the most specific."""
    kind: Open[TaxKind]
    rate: Rate
    """Percent of the net amount; 0 unless it is taxed."""
    inclusive: bool
    """Whether prices have the tax in them already."""
    country: Country | None
    """Payers of this country only."""
    region: str | None
    """Payers of this part of the country only, by its ISO 3166-2 code."""
    payer_type: Open[PayerType] | None
    """Payers of this type only."""
    tax_category: str | None
    """Products of this tax category only."""
    reason_code: str | None
    """Why nothing is charged, as a code, for example of the list VATEX."""
    reason: str | None
    """Why nothing is charged, in the words that documents carry."""
    valid_from: date
    """The first day on which it applies."""
    valid_until: date | None
    """The first day on which it applies no more; none while no end is set."""
    withdrawn: bool = False
    """Whether it was taken back before its first day: it never applied."""

    @property
    def specificity(self) -> tuple[bool, ...]:
        """Of two rules of one tax that match, the greater applies.

        Who pays counts before what is sold: region, country, type of payer, then tax category.
        """
        parts = (self.region, self.country, self.payer_type, self.tax_category)
        return tuple(part is not None for part in parts)

    def mismatch(self, asked: TaxQuestion) -> str | None:
        """Why this rule does not match, in words; `None` when it does."""
        if self.withdrawn:
            return "it was withdrawn"
        if asked.on < self.valid_from:
            return f"it begins on {self.valid_from}"
        if self.valid_until is not None and asked.on >= self.valid_until:
            return f"it ended on {self.valid_until}"
        compared = {
            "country": (self.country, asked.country),
            "region": (self.region, asked.region),
            "payer type": (self.payer_type, asked.payer_type),
            "tax category": (self.tax_category, asked.tax_category),
        }
        for name, (wanted, given) in compared.items():
            if wanted is not None and wanted != given:
                return f"{name} is {given or 'not known'}, not {wanted}"
        return None


class TaxRuleCreated(TaxRuleState, Event, type="florin.providers.tax-rule.created.v1"):
    """A tax rule was set for a company."""


class TaxRuleChanged(TaxRuleState, Event, type="florin.providers.tax-rule.changed.v1"):
    """A tax rule was changed before its first day."""


class TaxRuleEnded(TaxRuleState, Event, type="florin.providers.tax-rule.ended.v1"):
    """The day on which a tax rule ends was set, moved, or taken back; it has yet to come."""


class TaxRuleWithdrawn(TaxRuleState, Event, type="florin.providers.tax-rule.withdrawn.v1"):
    """A tax rule was taken back before its first day."""
