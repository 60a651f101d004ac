"""Until when one price pays: calendar months and years, counted where the provider is."""

from calendar import monthrange
from datetime import UTC, datetime, tzinfo
from typing import Final

from florin_contracts.providers import BillingPeriod

_MONTHS: Final = {BillingPeriod.MONTH: 1, BillingPeriod.YEAR: 12}


def end_of_period(start: datetime, period: BillingPeriod, zone: tzinfo) -> datetime | None:
    """The moment, in UTC, that ends a period begun at `start`; `None` for what is paid for once.

    It is the same day of the month at the same time on the zone's clocks, or the month's last day
    when there is no such day. A time that the clocks skip is as long after the skip; of a time that
    they show twice it is the first.
    """
    if period not in _MONTHS:
        return None
    local = start.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + _MONTHS[period], 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    # With fold=0 Python counts a skipped time by the offset before the skip (PEP 495).
    return local.replace(year=year, month=month + 1, day=day, fold=0).astimezone(UTC)
