"""Versions over HTTP: an aggregate's version is its `ETag`, `If-Match` says which one was read."""

from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response

from florin_chassis.errors import Malformed
from florin_chassis.orm import Aggregate

A = TypeVar("A", bound=Aggregate)


def tag(response: Response, aggregate: A) -> A:
    """Put the aggregate's version on the response and return the aggregate."""
    response.headers["ETag"] = f'"{aggregate.version}"'
    return aggregate


async def _expected_version(if_match: Annotated[str | None, Header()] = None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    version = if_match.removeprefix("W/").strip('"')
    if not version.isascii() or not version.isdigit():
        raise Malformed.field("If-Match", 'is no ETag of ours, such as "3"')
    return int(version)


ExpectedVersion = Annotated[int | None, Depends(_expected_version)]
"""The version that the caller has read, or `None` when it does not say."""
