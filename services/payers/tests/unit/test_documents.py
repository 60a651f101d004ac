"""What documents are called, and under which year they are numbered."""

from datetime import UTC, datetime

import pytest

from florin_contracts.providers.offers import BillingPeriod, PeriodLength, PeriodUnit
from florin_payers.models.numbers import day_in
from florin_payers.models.plans import describe


@pytest.mark.parametrize(
    ("time_zone", "year"),
    [("Europe/Moscow", 2027), ("UTC", 2026), ("America/New_York", 2026)],
)
def test_the_year_is_the_one_of_the_provider_s_calendar(time_zone: str, year: int) -> None:
    assert day_in(time_zone, datetime(2026, 12, 31, 21, 30, tzinfo=UTC)).year == year


def test_the_old_year_lasts_longer_in_the_west() -> None:
    assert day_in("America/New_York", datetime(2027, 1, 1, 4, 59, tzinfo=UTC)).year == 2026


@pytest.mark.parametrize(
    ("period", "line"),
    [
        (BillingPeriod.MONTH, "Start, one month"),
        (BillingPeriod.YEAR, "Start, one year"),
        (BillingPeriod.DAY, "Start, one day"),
        (BillingPeriod.ONE_OFF, "Start"),
    ],
)
def test_a_line_names_plan_and_period(period: BillingPeriod, line: str) -> None:
    assert describe("Start", period) == line


@pytest.mark.parametrize(("count", "line"), [(1, "Start, one day"), (30, "Start, 30 days")])
def test_a_line_names_a_custom_period_by_its_length(count: int, line: str) -> None:
    length = PeriodLength(count=count, unit=PeriodUnit.DAY)
    assert describe("Start", BillingPeriod.CUSTOM, length) == line
