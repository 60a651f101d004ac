"""Finds products and types of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_contracts.providers.offers import OfferStatus
from florin_providers.models import Product, ProductType


@dataclass(frozen=True, slots=True)
class Sought:
    """What products or plans are looked for by; what is none does not matter."""

    provider_id: UUID | None = None
    product_type: str | None = None
    status: OfferStatus | None = None
    code: str | None = None
    text: str | None = None

    def among(self, rows: Select[Any], kind: Any) -> Select[Any]:
        """Those of the rows, products' or plans', that are meant."""
        for name in ("provider_id", "product_type", "status", "code"):
            if (wanted := getattr(self, name)) is not None:
                rows = rows.where(getattr(kind, name) == wanted)
        if self.text is not None:
            rows = rows.where(kind.search.contains(self.text.lower(), autoescape=True))
        return rows


async def find_products(session: AsyncSession, sought: Sought, paging: Paging) -> dict[str, Any]:
    """A page of the products that the actor may see."""
    return await paginate(session, sought.among(select(Product), Product), Product.id, paging)


async def list_types(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the types of products."""
    return await paginate(session, select(ProductType), ProductType.id, paging)
