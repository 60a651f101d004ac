"""A tax rule: which tax a company charges whom, for what, from when until when."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, func, select
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import conv

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.party import PayerType
from florin_contracts.providers import (
    TaxKind,
    TaxRuleChanged,
    TaxRuleCreated,
    TaxRuleEnded,
    TaxRuleWithdrawn,
)
from florin_providers.models.base import Base
from florin_providers.models.company import Company

TAX_RULES_MAX: Final = 2_000
"""Of one company, without those that were withdrawn or have ended."""

_EARLIEST_ZONE: Final = timedelta(hours=14)


class TaxRulesOverlap(Refusal):
    """Another rule of the company says so already of the same payers, products and days."""

    code = "tax_rules_overlap"


class TaxRuleInUse(Refusal):
    """A rule whose first day has come is not changed: end it, and set another from that day on."""

    code = "tax_rule_in_use"


class TaxRuleHasEnded(Refusal):
    """The day on which the rule ended has come."""

    code = "tax_rule_ended"


class TaxRuleIsWithdrawn(Refusal):
    """The rule was withdrawn."""

    code = "tax_rule_withdrawn"


class TaxDayHasBegun(Refusal):
    """A rule ends on a day that has not begun anywhere, after its first."""

    code = "tax_day_has_begun"


class TooManyTaxRules(Refusal):
    """The company has as many rules as one may have."""

    code = "too_many_tax_rules"


def last_day_begun() -> date:
    """The latest day that has begun anywhere on earth.

    A company serves providers in several time zones: where it is today for one of them, the rules
    of today are in use.
    """
    return (datetime.now(UTC) + _EARLIEST_ZONE).date()


class TaxRule(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.TaxRuleState`. Who sees the company sees its rules.

    `tax_key` tells taxes apart; it is stated nowhere.
    """

    __tablename__ = "tax_rules"
    __history__ = True
    __refusals__: ClassVar = {"ex_tax_rules_overlap": TaxRulesOverlap}
    tenants: ClassVar = {"provider": "company_id"}

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    tax: Mapped[str]
    tax_key: Mapped[str]
    kind: Mapped[TaxKind]
    rate: Mapped[str]
    inclusive: Mapped[bool]
    country: Mapped[str | None]
    region: Mapped[str | None]
    payer_type: Mapped[PayerType | None]
    tax_category: Mapped[str | None]
    reason_code: Mapped[str | None]
    reason: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """Those of the companies within."""
        return cls.company_id.in_(select(Company.id).where(Company.within(dimension, ids)))

    @classmethod
    def new(cls, company_id: UUID, terms: Mapping[str, Any]) -> "TaxRule":
        """A rule that is about to be set."""
        key = terms["tax"].casefold()
        return cls(company_id=company_id, tax_key=key, withdrawn=False, **terms)

    def create(self) -> Fact:
        """Set it."""
        return self.fact(TaxRuleCreated)

    def change(self, terms: Mapping[str, Any]) -> Fact | None:
        """Replace what it says, before its first day; nothing to state if it said so already.

        Raises `TaxRuleIsWithdrawn` and `TaxRuleInUse`.
        """
        self._require_unused()
        if all(getattr(self, name) == value for name, value in terms.items()):
            return None
        for name, value in terms.items():
            setattr(self, name, value)
        self.tax_key = self.tax.casefold()
        return self.fact(TaxRuleChanged)

    def end(self, valid_until: date | None) -> Fact | None:
        """Set, move or take back the day on which it ends; it has not come, nor will it have then.

        Raises `TaxRuleIsWithdrawn`, `TaxRuleHasEnded` and `TaxDayHasBegun`.
        """
        self._require_there()
        begun = last_day_begun()
        if self.valid_until is not None and self.valid_until <= begun:
            raise TaxRuleHasEnded(f"the rule ended on {self.valid_until}")
        if valid_until is not None and valid_until <= max(begun, self.valid_from):
            latest = max(begun, self.valid_from)
            raise TaxDayHasBegun(f"the rule applies on {latest}: it ends later", latest=str(latest))
        if valid_until == self.valid_until:
            return None
        self.valid_until = valid_until
        return self.fact(TaxRuleEnded)

    def withdraw(self) -> Fact:
        """Take it back before its first day. Raises `TaxRuleIsWithdrawn` and `TaxRuleInUse`."""
        self._require_unused()
        self.withdrawn = True
        return self.fact(TaxRuleWithdrawn)

    def _require_there(self) -> None:
        if self.withdrawn:
            raise TaxRuleIsWithdrawn("the rule was withdrawn")

    def _require_unused(self) -> None:
        self._require_there()
        if self.valid_from <= last_day_begun():
            raise TaxRuleInUse(f"the rule applies since {self.valid_from}: end it, and set another")


def _or_empty(column: str) -> ColumnElement[str]:
    return func.coalesce(TaxRule.__table__.c[column], "")


SAME: Final = ("country", "region", "payer_type", "tax_category")
"""What two rules about the same payers and products have in common, beside company and tax."""

OVERLAP: Final = ExcludeConstraint(
    ("company_id", "="),
    ("tax_key", "="),
    *((_or_empty(column), "=") for column in SAME),
    (func.daterange(TaxRule.__table__.c.valid_from, TaxRule.__table__.c.valid_until), "&&"),
    where=~TaxRule.__table__.c.withdrawn,
    name=conv("ex_tax_rules_overlap"),
)
"""So that no two are kept, whoever sets them at once."""
TaxRule.__table__.append_constraint(OVERLAP)  # type: ignore[attr-defined]
