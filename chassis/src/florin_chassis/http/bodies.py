"""The base of every request and answer body, and the kinds of text that bodies are made of."""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Body(BaseModel):
    """A request body: unknown fields are refused, values are immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Resource(BaseModel):
    """An answer body, read from an aggregate. No field has a default: a missing one is a defect."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


def _multiline(text: str) -> str:
    if not text.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError("control characters are not allowed")
    return text


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(_printable),
]
"""One line of text, 1 to 200 characters."""

Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_multiline)
]
"""Text of several lines, 1 to 10,000 characters."""

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


def _representable(time: datetime) -> datetime:
    if not _EARLIEST <= time < _LATEST:
        raise ValueError("a time is between 1970 and 9998")
    return time


Instant = Annotated[AwareDatetime, AfterValidator(_representable)]
"""A point in time with its offset, which any time zone and database can tell."""

Email = Annotated[
    str,
    StringConstraints(
        max_length=254,
        to_lower=True,
        pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]+$",
    ),
]
"""An email address, lower-cased. A message proves that it can be reached, a pattern cannot."""
