"""Finds the tax rules of a company: those in force on a day, and what would contradict another."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_providers.models.tax_rule import (
    SAME,
    TAX_RULES_MAX,
    TaxRule,
    TaxRulesOverlap,
    TooManyTaxRules,
    last_day_begun,
)


async def require_alone(session: AsyncSession, rule: TaxRule) -> None:
    """Raise `TaxRulesOverlap`, naming it, if another rule says so already of the same.

    Whoever asks has locked the company, so that the answer holds until its transaction ends.
    """
    same = [getattr(TaxRule, name).is_not_distinct_from(getattr(rule, name)) for name in SAME]
    with session.no_autoflush:
        other = await session.scalar(
            select(TaxRule)
            .where(
                TaxRule.id != rule.id,
                TaxRule.company_id == rule.company_id,
                TaxRule.tax_key == rule.tax_key,
                ~TaxRule.withdrawn,
                *same,
                _ends_after(rule.valid_from),
                *([] if rule.valid_until is None else [TaxRule.valid_from < rule.valid_until]),
            )
            .order_by(TaxRule.valid_from)
            .limit(1)
        )
    if other is not None:
        until = f"until {other.valid_until}" if other.valid_until else "without an end"
        raise TaxRulesOverlap(
            f"rule {other.id} says so of the same from {other.valid_from} {until}",
            rule_id=str(other.id),
        )


async def require_room(session: AsyncSession, rule: TaxRule) -> None:
    """Raise `TooManyTaxRules` if the company has as many as one may have."""
    going_on = (
        TaxRule.company_id == rule.company_id,
        ~TaxRule.withdrawn,
        _ends_after(last_day_begun()),
    )
    with session.no_autoflush:
        count = await session.scalar(select(func.count(TaxRule.id)).where(*going_on)) or 0
    if count >= TAX_RULES_MAX:
        raise TooManyTaxRules(f"a company has at most {TAX_RULES_MAX} tax rules")


def in_force(on: date) -> tuple[ColumnElement[bool], ...]:
    """The rules that apply to anybody on a day."""
    return TaxRule.valid_from <= on, _ends_after(on), ~TaxRule.withdrawn


def _ends_after(day: date) -> ColumnElement[bool]:
    return or_(TaxRule.valid_until.is_(None), TaxRule.valid_until > day)
