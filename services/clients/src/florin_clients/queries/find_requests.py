"""Looks up a support request with its messages."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from florin_chassis.errors import NotFound
from florin_clients.models import Request


async def find_request(session: AsyncSession, request_id: UUID) -> Request:
    """Raises `NotFound`."""
    with_messages = [selectinload(Request.messages)]
    request = await session.get(Request, request_id, options=with_messages)
    if request is None:
        raise NotFound(f"there is no request {request_id}")
    return request
