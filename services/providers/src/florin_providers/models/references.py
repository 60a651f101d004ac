"""Loads the aggregates that another one is to refer to, and keeps them from going meanwhile."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_providers.models.department import Department
from florin_providers.models.provider import Provider


async def need_providers(session: AsyncSession, ids: Collection[UUID]) -> list[Provider]:
    """Each of these providers, kept from being archived until the transaction ends.

    Raises `NotFound`, naming one that is not there for the actor, and `ProviderIsArchived`.
    """
    query = select(Provider).where(Provider.id.in_(ids)).order_by(Provider.id)
    locked = query.with_for_update(read=True, key_share=True)
    found = list(await session.scalars(locked)) if ids else []
    if missing := set(ids) - {provider.id for provider in found}:
        raise NotFound(f"there is no provider {min(missing)}")
    for provider in found:
        provider.require_selling()
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
