"""Lists companies."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Company


async def list_companies(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the companies that serve a provider the actor reaches."""
    return await paginate(session, select(Company), Company.id, paging)
