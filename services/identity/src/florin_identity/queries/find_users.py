"""Looks users up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import User


async def list_users(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the users that the actor reaches."""
    return await paginate(session, select(User), User.id, paging)


async def find_user(session: AsyncSession, user_id: UUID | None) -> User:
    """Raises `NotFound`."""
    user = await session.get(User, user_id) if user_id else None
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user
