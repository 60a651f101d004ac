"""Lists the catalogue."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Product


async def list_products(
    session: AsyncSession, paging: Paging, provider_id: UUID | None
) -> dict[str, Any]:
    """A page of the products that the actor may see, of one provider if it is named."""
    of_provider = true() if provider_id is None else Product.provider_id == provider_id
    return await paginate(session, select(Product).where(of_provider), Product.id, paging)
