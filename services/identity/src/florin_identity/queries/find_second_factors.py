"""Looks up what a user signs in with beside its password, and from where it may."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.finding import find_one
from florin_identity.models import User
from florin_identity.models.allowed_addresses import allowed_networks
from florin_identity.models.recovery_code import count_recovery_codes
from florin_identity.models.second_factors import find_factors
from florin_identity.models.standing import is_demanded
from florin_identity.queries.find_users import find_myself


async def find_own_factors(session: AsyncSession, actor: Actor) -> dict[str, Any]:
    """The actor's second factors, its unused recovery codes, and whether it must have any."""
    user = await find_myself(session, actor)
    return {
        "factors": await find_factors(session, user.id),
        "recovery_codes_left": await count_recovery_codes(session, user.id),
        "demanded": await is_demanded(session, user),
    }


async def find_own_addresses(session: AsyncSession, actor: Actor) -> dict[str, Any]:
    """From where the actor may sign in."""
    user = await find_myself(session, actor)
    return {"networks": await allowed_networks(session, user.id)}


async def find_addresses_of(session: AsyncSession, user_id: UUID) -> dict[str, Any]:
    """From where a user may sign in; raises `NotFound`."""
    user = await find_one(session, User, user_id)
    return {"networks": await allowed_networks(session, user.id)}
