"""Loads the aggregates that another one is to refer to, and keeps them from going meanwhile."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.orm import Aggregate
from florin_providers.models.department import Department
from florin_providers.models.provider import Provider

A = TypeVar("A", bound=Aggregate)


async def need_providers(session: AsyncSession, ids: Collection[UUID]) -> list[Provider]:
    """Each of these providers, kept from being archived until the transaction ends.

    Raises `NotFound`, naming one that is not there for the actor, and `ProviderIsArchived`.
    """
    found = await _kept(session, Provider, ids)
    for provider in found:
        provider.require_selling()
    return found


async def need_departments(session: AsyncSession, ids: Collection[UUID]) -> list[Department]:
    """Each of these departments, kept from being removed until the transaction ends.

    Raises `NotFound`, naming one that is not there any more.
    """
    return await _kept(session, Department, ids, ~Department.removed)


async def _kept(
    session: AsyncSession, kind: type[A], ids: Collection[UUID], *conditions: ColumnElement[bool]
) -> list[A]:
    """Locked in the order of their ids, so that nobody waits for who waits for it."""
    wanted = select(kind).where(kind.id.in_(ids), *conditions).order_by(kind.id)
    locked = wanted.with_for_update(read=True, key_share=True)
    found = list(await session.scalars(locked)) if ids else []
    if missing := set(ids) - {one.id for one in found}:
        raise NotFound(f"there is no {kind.__name__.lower()} {min(missing)}")
    return found
