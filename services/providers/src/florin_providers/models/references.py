"""Loads the aggregates that another one is about to refer to."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.orm import Aggregate
from florin_providers.models.department import Department

A = TypeVar("A", bound=Aggregate)


async def need_all(session: AsyncSession, kind: type[A], ids: Collection[UUID]) -> list[A]:
    """Each of these aggregates; raises `NotFound`, naming one that is not there for the actor."""
    found = list(await session.scalars(select(kind).where(kind.id.in_(ids)))) if ids else []
    if missing := set(ids) - {aggregate.id for aggregate in found}:
        raise NotFound(f"there is no {kind.__name__.lower()} {min(missing)}")
    return found


async def need_departments(session: AsyncSession, ids: Collection[UUID]) -> list[Department]:
    """Each of these departments, kept from being removed until the transaction ends.

    Raises `NotFound`, naming one that is not there any more.
    """
    query = select(Department).where(Department.id.in_(ids), ~Department.removed)
    locked = query.order_by(Department.id).with_for_update(read=True, key_share=True)
    found = list(await session.scalars(locked)) if ids else []
    if missing := set(ids) - {department.id for department in found}:
        raise NotFound(f"there is no department {min(missing)}")
    return found
