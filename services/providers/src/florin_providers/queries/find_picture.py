"""Finds the picture that an owner shows."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_providers.models import Company, Provider, Purpose, StoredPicture


async def find_picture(
    session: AsyncSession, owner: type[Company | Provider], owner_id: UUID, purpose: Purpose
) -> StoredPicture:
    """Raises `NotFound`, also for an owner out of the actor's reach."""
    await find_one(session, owner, owner_id)
    picture = await session.get(StoredPicture, (owner_id, purpose))
    if picture is None:
        raise NotFound(f"there is no {purpose}")
    return picture
