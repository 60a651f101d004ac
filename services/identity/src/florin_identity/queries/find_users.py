"""Looks users up."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import User


async def list_users(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the users that the actor reaches."""
    return await paginate(session, select(User), User.id, paging)


async def find_myself(session: AsyncSession, actor: Actor) -> User:
    """The actor's own login; raises `NotFound` for a process, which has none."""
    if actor.user_id is None:
        raise NotFound(f"{actor.name} is no user")
    return await find_one(session, User, actor.user_id)
