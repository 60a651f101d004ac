"""Calendar months and years in the provider's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from florin_clients.models.periods import end_of_period
from florin_contracts.providers.offers import BillingPeriod, PeriodLength, PeriodUnit

ZONES = [
    "UTC",
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",  # 5 h 45 min east
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Pacific/Apia",  # skipped 30 December 2011 whole
]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(local: str, zone: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))


def end(local: str, zone: str, period: BillingPeriod) -> str:
    ends_at = end_of_period(at(local, zone), period, ZoneInfo(zone))
    assert ends_at is not None
    assert ends_at.tzinfo is UTC
    return ends_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("2026-01-15T12:00", "UTC", "2026-02-15T12:00+00:00"),
        ("2026-12-31T12:00", "UTC", "2027-01-31T12:00+00:00"),
        ("2026-01-31T12:00", "Europe/Moscow", "2026-02-28T12:00+03:00"),
        ("2028-01-31T12:00", "Europe/Moscow", "2028-02-29T12:00+03:00"),
        ("2026-03-31T00:00", "Europe/Moscow", "2026-04-30T00:00+03:00"),
        ("2026-03-15T12:00", "Europe/Berlin", "2026-04-15T12:00+02:00"),
        ("2026-10-15T12:00", "Europe/Berlin", "2026-11-15T12:00+01:00"),
        ("2026-09-25T02:30", "Europe/Berlin", "2026-10-25T02:30+02:00"),  # shown twice: the first
        ("2011-11-30T10:00", "Pacific/Apia", "2011-12-31T10:00+14:00"),  # a day that was skipped
    ],
)
def test_a_month_ends_on_the_same_day_at_the_same_time_of_the_provider_s_clocks(
    start: str, zone: str, expected: str
) -> None:
    assert end(start, zone, BillingPeriod.MONTH) == expected


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("2026-01-31T12:00", "UTC", "2027-01-31T12:00+00:00"),
        ("2028-02-29T12:00", "Europe/Moscow", "2029-02-28T12:00+03:00"),
        ("2027-02-28T12:00", "Europe/Moscow", "2028-02-28T12:00+03:00"),
        ("2025-03-29T02:30", "Europe/Berlin", "2026-03-29T03:30+02:00"),  # 02:30 is skipped
    ],
)
def test_a_year_ends_on_the_same_date_and_the_29th_of_february_on_the_28th(
    start: str, zone: str, expected: str
) -> None:
    assert end(start, zone, BillingPeriod.YEAR) == expected


def test_a_period_begun_in_the_second_of_two_like_hours_ends_in_the_first_of_two() -> None:
    # Iran's clocks went back at midnight on 21 September in 2018 and in 2019.
    tehran, second_11_pm = ZoneInfo("Asia/Tehran"), datetime(2018, 9, 21, 19, 30, tzinfo=UTC)
    assert second_11_pm.astimezone(tehran).fold == 1
    first_11_pm = datetime(2019, 9, 21, 18, 30, tzinfo=UTC)
    assert end_of_period(second_11_pm, BillingPeriod.YEAR, tehran) == first_11_pm


def test_the_day_is_the_provider_s_day_not_that_of_utc() -> None:
    first_of_february_in_moscow = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)
    moscow, months_end = ZoneInfo("Europe/Moscow"), datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    assert end_of_period(first_of_february_in_moscow, BillingPeriod.MONTH, moscow) == months_end


def test_what_is_paid_for_once_has_no_end() -> None:
    assert end_of_period(datetime.now(UTC), BillingPeriod.ONE_OFF, UTC) is None


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from([BillingPeriod.MONTH, BillingPeriod.YEAR]))
@example(at("2026-01-31T12:00", "Europe/Moscow"), "Europe/Moscow", BillingPeriod.MONTH)
@example(at("2028-02-29T12:00", "Europe/Moscow"), "Europe/Moscow", BillingPeriod.YEAR)
@example(at("2025-03-29T02:30", "Europe/Berlin"), "Europe/Berlin", BillingPeriod.YEAR)
def test_a_period_ends_as_a_wall_calendar_and_a_wall_clock_say(
    start: datetime, zone_name: str, period: BillingPeriod
) -> None:
    zone = ZoneInfo(zone_name)
    began, ends_at = start.astimezone(zone), end_of_period(start, period, zone)
    assert ends_at is not None
    expected = datetime.combine(_day_by_the_calendar(began.date(), period), began.time(), zone)
    if _is_shown(expected, zone):
        assert ends_at == expected
    else:
        skipped = ends_at.astimezone(zone).replace(tzinfo=None) - expected.replace(tzinfo=None)
        assert timedelta(0) < skipped <= timedelta(days=1)


def _day_by_the_calendar(began: date, period: BillingPeriod) -> date:
    """Leafs through the month in which the period ends, up to the day in which it began."""
    one_on = began.replace(day=1) + timedelta(days=366 if period is BillingPeriod.YEAR else 31)
    first = one_on.replace(day=1)
    if period is BillingPeriod.YEAR:
        first = date(began.year + 1, began.month, 1)
    month = [first + timedelta(days=n) for n in range(31)]
    return max(day for day in month if day.month == first.month and day.day <= began.day)


def _is_shown(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks ever show this time."""
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("count", "unit", "expected"),
    [
        (30, PeriodUnit.DAY, "2026-04-27T12:00+02:00"),  # the clocks went forward meanwhile
        (3, PeriodUnit.MONTH, "2026-06-28T12:00+02:00"),
        (2, PeriodUnit.YEAR, "2028-03-28T12:00+02:00"),
    ],
)
def test_a_custom_period_is_as_long_as_it_says(count: int, unit: PeriodUnit, expected: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    length = PeriodLength(count=count, unit=unit)
    start = at("2026-03-28T12:00", "Europe/Berlin")
    ends_at = end_of_period(start, BillingPeriod.CUSTOM, zone, length)
    assert ends_at is not None
    assert ends_at.astimezone(zone).isoformat(timespec="minutes") == expected
