"""Looks up who acted for a client."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import Impersonation


async def list_impersonations(
    session: AsyncSession, client_id: UUID | None, paging: Paging
) -> dict[str, Any]:
    """A page of the impersonations that the actor reaches, of one client if it is named."""
    rows = select(Impersonation)
    if client_id is not None:
        rows = rows.where(Impersonation.client_id == client_id)
    return await paginate(session, rows, Impersonation.id, paging)
