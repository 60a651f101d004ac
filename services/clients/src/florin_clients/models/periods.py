"""Until when one price pays: calendar days, months and years, counted where the provider is."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from florin_contracts.providers.offers import BillingPeriod, PeriodLength, PeriodUnit

_LENGTHS: Final = {
    BillingPeriod.DAY: PeriodLength(count=1, unit=PeriodUnit.DAY),
    BillingPeriod.MONTH: PeriodLength(count=1, unit=PeriodUnit.MONTH),
    BillingPeriod.YEAR: PeriodLength(count=1, unit=PeriodUnit.YEAR),
}


def end_of_period(
    start: datetime, period: BillingPeriod, zone: tzinfo, custom: PeriodLength | None = None
) -> datetime | None:
    """The moment, in UTC, that ends a period begun at `start`; `None` for what is paid for once.

    It is at the same time on the zone's clocks, of months and years on the same day of the month or
    the month's last day when there is no such day. A time that the clocks skip is as long after the
    skip; of a time that they show twice it is the first.
    """
    length = custom or _LENGTHS.get(period)
    if length is None:
        return None
    # With fold=0 Python counts a skipped time by the offset before the skip (PEP 495).
    local = start.astimezone(zone).replace(fold=0)
    if length.unit is PeriodUnit.DAY:
        return (local + timedelta(days=length.count)).astimezone(UTC)
    months = length.count * (12 if length.unit is PeriodUnit.YEAR else 1)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)
