"""Looks API keys up."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import ApiKey


async def list_own_keys(session: AsyncSession, actor: Actor, paging: Paging) -> dict[str, Any]:
    """A page of the actor's own keys; raises `NotFound` for a program, which has none."""
    if actor.user_id is None:
        raise NotFound(f"{actor.name} is no user")
    return await list_api_keys(session, actor.user_id, paging)


async def list_api_keys(
    session: AsyncSession, owner_id: UUID | None, paging: Paging
) -> dict[str, Any]:
    """A page of the keys that the actor reaches, of one owner if it is named."""
    rows = select(ApiKey)
    if owner_id is not None:
        rows = rows.where(or_(ApiKey.user_id == owner_id, ApiKey.service_account_id == owner_id))
    return await paginate(session, rows, ApiKey.id, paging)
