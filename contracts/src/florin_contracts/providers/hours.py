"""When a department works: hours by the week in its own time zone, and what they say of a moment.

The rule is here because whoever shows a department and whoever waits for it must agree.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from florin_contracts.values import Value

LOOK_AHEAD_DAYS: Final = 31
"""How far `opening_at` looks: what is later than that is not said."""

WallTime = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""What the clocks on the wall show, `00:00` to `24:00`: the latter is the end of the day."""

_SECOND: Final = timedelta(seconds=1)


class Weekday(StrEnum):
    """The days in the order of ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_DAYS: Final = tuple(Weekday)


class WorkingTime(Value):
    """From one time of a day until another of the same day."""

    opens: WallTime
    """The first minute in it."""
    closes: WallTime
    """The first minute after it."""


class BusinessHours(Value):
    """A week that repeats itself; on days that are not named nobody works."""

    time_zone: str
    """Whose clocks the hours are read from, by its IANA name."""
    weekly: dict[str, tuple[WorkingTime, ...]]
    """By day, `monday` to `sunday`, in order and without overlap."""
    closed_on: tuple[date, ...] = ()
    """Dates there on which nobody works, whatever the day of the week."""


class Opening(Value):
    """What business hours say of a moment, as far as they were looked at."""

    at: AwareDatetime
    """The moment."""
    open: bool
    """Whether somebody works then."""
    closes_at: AwareDatetime | None
    """If so, until when; none if not within the next 31 days."""
    opens_next: AwareDatetime | None
    """The next moment at which work begins; none if not within the next 31 days."""


def opening_at(hours: BusinessHours | None, at: datetime) -> Opening:
    """Whether there is work at this moment, and when it begins or ends; no hours is always."""
    at = at.astimezone(UTC)
    if hours is None:
        return Opening(at=at, open=True, closes_at=None, opens_next=None)
    horizon = at + timedelta(days=LOOK_AHEAD_DAYS)
    now = next_ = None
    for begins, ends in _spans(hours, at):
        if begins <= at < ends:
            now = ends
        elif at < begins:
            next_ = begins
            break
    return Opening(
        at=at,
        open=now is not None,
        closes_at=now if now and now <= horizon else None,
        opens_next=next_ if next_ and next_ <= horizon else None,
    )


def _spans(hours: BusinessHours, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working times as they follow one another, from the day before on; those that touch are one.

    So is what ends at midnight and goes on then.
    """
    zone = ZoneInfo(hours.time_zone)
    today = at.astimezone(zone).date()
    last: tuple[datetime, datetime] | None = None
    for days in range(-1, LOOK_AHEAD_DAYS + 2):
        for begins, ends in _of_day(hours, today + timedelta(days=days), zone):
            if last and begins <= last[1]:
                last = (last[0], max(last[1], ends))
                continue
            if last:
                yield last
            last = (begins, ends)
    if last:
        yield last


def _of_day(hours: BusinessHours, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    if day in hours.closed_on:
        return
    for time in hours.weekly.get(_DAYS[day.weekday()], ()):
        begins, ends = (_shown(day, text, zone) for text in (time.opens, time.closes))
        if begins < ends:  # not so where the clocks skip all of it
            yield begins, ends


def _shown(day: date, time: str, zone: ZoneInfo) -> datetime:
    """The first moment at which the clocks show this time; where they skip it, a later one."""
    since_midnight = timedelta(hours=int(time[:2]), minutes=int(time[3:]))
    wall = datetime(day.year, day.month, day.day) + since_midnight  # noqa: DTZ001
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after
