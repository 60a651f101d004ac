"""Looks applications up."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import Application


async def list_applications(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the applications that were not removed."""
    rows = select(Application).where(Application.removed.is_(False))
    return await paginate(session, rows, Application.id, paging)
