"""Lists providers."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Provider


async def list_providers(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the providers that the actor reaches."""
    return await paginate(session, select(Provider), Provider.id, paging)
