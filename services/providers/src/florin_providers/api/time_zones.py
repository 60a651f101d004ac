"""Time zones by their IANA names."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from florin_chassis.http.bodies import Line

_NOT_ZONES = frozenset({"Factory", "localtime"})
"""Files that some systems keep beside the zones: neither says where a provider is."""


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_ZONES


def _known(name: str) -> str:
    if name not in _names():
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/Moscow")
    return name


TimeZone = Annotated[Line, AfterValidator(_known)]
"""A time zone by its IANA name, for example `Europe/Moscow`."""
