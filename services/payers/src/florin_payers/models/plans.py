"""How what was sold is called on documents."""

from typing import Final

from florin_contracts.providers import BillingPeriod

_PERIODS: Final[dict[str, str]] = {BillingPeriod.MONTH: "one month", BillingPeriod.YEAR: "one year"}


def describe(plan_name: str, period: str) -> str:
    """The line of a document, for example `Start, one month`; a one-off has no period to name."""
    return ", ".join(filter(None, (plan_name, _PERIODS.get(period))))
