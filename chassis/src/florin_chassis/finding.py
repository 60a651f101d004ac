"""Finds one aggregate by its id, for reading or, locked, for changing."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.orm import Aggregate

A = TypeVar("A", bound=Aggregate)


async def find_one(
    session: AsyncSession, kind: type[A], aggregate_id: UUID, *, locked: bool = False
) -> A:
    """The aggregate, if it exists and the session's actor reaches it; raises `NotFound`."""
    found = await session.get(kind, aggregate_id, with_for_update=True if locked else None)
    if found is None:
        raise NotFound(f"there is no {kind.__name__.lower()} {aggregate_id}")
    return found
