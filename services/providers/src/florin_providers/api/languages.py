"""Which of several languages a reader is answered in (RFC 9110, 12.5.4; RFC 4647, 3.4)."""

from collections.abc import Collection, Iterator
from typing import Annotated, Final

from fastapi import Depends, Header

from florin_providers.api.addresses import LocaleTag

_RANGES_MAX: Final = 20


async def _wanted(
    locale: LocaleTag | None = None, accept_language: Annotated[str | None, Header()] = None
) -> tuple[str, ...]:
    return (locale,) if locale else accepted(accept_language or "")


WantedLanguages = Annotated[tuple[str, ...], Depends(_wanted)]
"""The languages of the reader, the best first: `locale` if it says so, else its browser's."""


def accepted(header: str) -> tuple[str, ...]:
    """The languages of an `Accept-Language`, the best first; what is malformed is not there."""
    weighed = [_weighed(part) for part in header.split(",")[:_RANGES_MAX]]
    return tuple(tag for tag, weight in sorted(weighed, key=lambda w: -w[1]) if weight > 0)


def _weighed(part: str) -> tuple[str, float]:
    tag, _, quality = part.partition(";")
    name, _, value = quality.strip().partition("=")
    try:
        weight = float(value) if name else 1.0
    except ValueError:
        weight = 0.0
    return tag.strip(), weight if 0 <= weight <= 1 and tag.strip() else 0.0


def chosen(wanted: Collection[str], there: Collection[str]) -> str | None:
    """The best of the languages that are there; none means whatever is the default."""
    tags = {tag.lower(): tag for tag in there}
    for language in wanted:
        if language == "*":
            return None
        for shorter in _ever_shorter(language.lower()):
            if shorter in tags:
                return tags[shorter]
        kin = [tag for key, tag in tags.items() if key.startswith(f"{language.lower()}-")]
        if kin:
            return min(kin)
    return None


def _ever_shorter(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
