"""How what was sold is called on documents."""

from typing import Final

from florin_contracts.providers.offers import BillingPeriod, PeriodLength

_PERIODS: Final[dict[str, str]] = {
    BillingPeriod.DAY: "one day",
    BillingPeriod.MONTH: "one month",
    BillingPeriod.YEAR: "one year",
}


def describe(plan_name: str, period: str, length: PeriodLength | None = None) -> str:
    """The line of a document, for example `Start, one month`; a one-off has no period to name."""
    words = _PERIODS.get(period) if length is None else _in_words(length)
    return ", ".join(filter(None, (plan_name, words)))


def _in_words(length: PeriodLength) -> str:
    return f"{length.count} {length.unit}s" if length.count > 1 else f"one {length.unit}"
