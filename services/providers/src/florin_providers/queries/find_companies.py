"""Looks companies up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Company


async def list_companies(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the companies that serve a provider the actor reaches."""
    return await paginate(session, select(Company), Company.id, paging)


async def find_company(session: AsyncSession, company_id: UUID) -> Company:
    """Raises `NotFound`."""
    company = await session.get(Company, company_id)
    if company is None:
        raise NotFound(f"there is no company {company_id}")
    return company
