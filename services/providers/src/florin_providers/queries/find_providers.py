"""Looks providers up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Provider


async def list_providers(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the providers that the actor reaches."""
    return await paginate(session, select(Provider), Provider.id, paging)


async def find_provider(session: AsyncSession, provider_id: UUID) -> Provider:
    """Raises `NotFound`."""
    provider = await session.get(Provider, provider_id)
    if provider is None:
        raise NotFound(f"there is no provider {provider_id}")
    return provider
