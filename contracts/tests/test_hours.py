"""Whether a department is open at a moment: by its own clocks, also where they jump."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from florin_contracts.providers import BusinessHours, Weekday, opening_at

OFFICE = {"opens": "09:00", "closes": "18:00"}


def hours(zone: str, *closed_on: str, **weekly: Any) -> BusinessHours:
    return BusinessHours.model_validate(
        {"time_zone": zone, "weekly": weekly, "closed_on": closed_on}
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def asked(when: BusinessHours | None, text: str) -> tuple[bool, datetime | None, datetime | None]:
    answer = opening_at(when, at(text))
    return answer.open, answer.closes_at, answer.opens_next


def test_no_hours_are_always_open() -> None:
    assert asked(None, "2026-11-28T03:00Z") == (True, None, None)


def test_hours_are_read_from_the_clocks_of_their_own_zone() -> None:
    moscow = hours("Europe/Moscow", monday=[OFFICE], tuesday=[OFFICE])
    opens, closes = at("2026-11-30T06:00Z"), at("2026-11-30T15:00Z")
    assert asked(moscow, "2026-11-30T05:59:59Z") == (False, None, opens)
    assert asked(moscow, "2026-11-30T06:00Z") == (True, closes, at("2026-12-01T06:00Z"))
    assert asked(moscow, "2026-11-30T15:00Z") == (False, None, at("2026-12-01T06:00Z"))


def test_a_break_is_between_two_times_of_a_day() -> None:
    lunch = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}]
    berlin = hours("Europe/Berlin", monday=lunch)
    assert asked(berlin, "2026-11-30T12:30+01:00")[::2] == (False, at("2026-11-30T13:00+01:00"))


def test_what_goes_on_at_midnight_does_not_close_then() -> None:
    night = hours(
        "Europe/Moscow",
        friday=[{"opens": "22:00", "closes": "24:00"}],
        saturday=[{"opens": "00:00", "closes": "06:00"}],
    )
    came = asked(night, "2026-12-04T23:00+03:00")
    assert came[:2] == (True, at("2026-12-05T06:00+03:00"))


def test_on_a_closed_date_nobody_works() -> None:
    berlin = hours("Europe/Berlin", "2026-12-25", friday=[OFFICE])
    came = asked(berlin, "2026-12-25T12:00+01:00")
    assert came == (False, None, at("2027-01-01T09:00+01:00"))


def test_round_the_clock_closes_for_a_closed_date_only() -> None:
    all_day = [{"opens": "00:00", "closes": "24:00"}]
    week = {day.value: all_day for day in Weekday}
    always = hours("Europe/Berlin", **week)
    assert asked(always, "2026-12-24T12:00+01:00") == (True, None, None)
    but_one = hours("Europe/Berlin", "2026-12-25", **week)
    midnights = at("2026-12-25T00:00+01:00"), at("2026-12-26T00:00+01:00")
    assert asked(but_one, "2026-12-24T12:00+01:00") == (True, *midnights)


def test_an_hour_that_the_clocks_skip_is_not_worked() -> None:
    early = hours("Europe/Berlin", sunday=[{"opens": "02:15", "closes": "02:45"}])
    came = asked(early, "2026-03-29T00:30Z")
    assert came == (False, None, at("2026-04-05T02:15+02:00"))


def test_work_that_begins_in_a_skipped_hour_begins_after_it() -> None:
    early = hours("Europe/Berlin", sunday=[{"opens": "02:30", "closes": "05:00"}])
    came = asked(early, "2026-03-29T00:30Z")
    assert came == (False, None, at("2026-03-29T01:00Z"))
    assert asked(early, "2026-03-29T01:00Z")[1] == at("2026-03-29T03:00Z")


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    late = hours("Europe/Berlin", sunday=[{"opens": "02:00", "closes": "04:00"}])
    came = asked(late, "2026-10-25T00:30Z")
    assert came[:2] == (True, at("2026-10-25T03:00Z"))
    assert at("2026-10-25T03:00Z") - at("2026-10-25T00:00Z") == timedelta(hours=3)


def test_a_day_keeps_its_hours_when_the_offset_changes() -> None:
    berlin = hours("Europe/Berlin", monday=[OFFICE])
    for day, utc in (("2026-10-19", "07:00Z"), ("2026-10-26", "08:00Z")):
        assert asked(berlin, f"{day}T00:00Z")[2] == at(f"{day}T{utc}")


def test_a_date_that_a_zone_skipped_has_no_hours() -> None:
    apia = hours("Pacific/Apia", friday=[OFFICE])
    assert asked(apia, "2011-12-29T20:00Z")[2] == at("2012-01-06T09:00+14:00")


def test_what_is_more_than_a_month_away_is_not_said() -> None:
    dates = [f"2026-12-{day:02}" for day in range(1, 32)]
    mondays = hours("UTC", *dates, "2027-01-04", monday=[OFFICE])
    assert asked(mondays, "2026-12-01T00:00Z") == (False, None, None)


ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
MINUTES = some.integers(0, 24 * 60)


@some.composite
def weeks(draw: some.DrawFn) -> BusinessHours:
    weekly = {}
    for day in Weekday:
        ends = sorted(draw(some.sets(MINUTES, max_size=6)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        weekly[day.value] = [{"opens": shown(a), "closes": shown(b)} for a, b in pairs]
    return hours(draw(some.sampled_from(ZONES)), **weekly)


def shown(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def worked(week: BusinessHours, moment: datetime) -> bool:
    """What the clock on the wall says, without any arithmetic with offsets."""
    wall = moment.astimezone(ZoneInfo(week.time_zone))
    times = week.weekly[list(Weekday)[wall.weekday()].value]
    return any(time.opens <= f"{wall:%H:%M}" < time.closes for time in times)


@given(weeks(), some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)))  # noqa: DTZ001
def test_where_clocks_do_not_jump_the_answer_is_what_the_clock_on_the_wall_says(
    week: BusinessHours, moment: datetime
) -> None:
    moment = moment.replace(tzinfo=UTC)
    zone = ZoneInfo(week.time_zone)
    day = timedelta(days=1)
    if (moment - day).astimezone(zone).utcoffset() != (moment + day).astimezone(zone).utcoffset():
        return
    answer = opening_at(week, moment)
    assert answer.open == worked(week, moment)
    if answer.opens_next:
        assert worked(week, answer.opens_next)


@given(weeks(), some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)))  # noqa: DTZ001
def test_what_is_said_of_later_moments_is_said_there_too(
    week: BusinessHours, moment: datetime
) -> None:
    answer = opening_at(week, moment.replace(tzinfo=UTC))
    if answer.closes_at:
        assert not opening_at(week, answer.closes_at).open
        assert opening_at(week, answer.closes_at - timedelta(seconds=1)).open
    if answer.opens_next:
        assert opening_at(week, answer.opens_next).open
        assert not opening_at(week, answer.opens_next - timedelta(seconds=1)).open
