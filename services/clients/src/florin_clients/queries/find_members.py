"""Looks up one user of a client."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_clients.models import ClientUser


async def find_member(session: AsyncSession, client_id: UUID, user_id: UUID) -> ClientUser:
    """Raises `NotFound`, also for a user of another client."""
    user = await find_one(session, ClientUser, user_id)
    if user.client_id != client_id:
        raise NotFound(f"there is no user {user_id} of this client")
    return user
