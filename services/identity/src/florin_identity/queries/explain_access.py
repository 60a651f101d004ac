"""Explains what a user may do, to itself or to whoever may see it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.road.projections import find_projected
from florin_contracts.clients import ClientState
from florin_contracts.permissions import Permission
from florin_identity.models.explanation import Explanation, explain
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.rights import Rights
from florin_identity.models.user import User


class Place(NamedTuple):
    """Where a thing shall be done; anywhere if neither is named."""

    provider_id: UUID | None = None
    client_id: UUID | None = None


async def explain_access(
    session: AsyncSession, actor: Actor, user_id: UUID | None, permission: Permission, place: Place
) -> Explanation:
    """Another user must be one that the actor sees: raises `Forbidden` or `NotFound`."""
    asked = actor.user_id if user_id is None else user_id
    if asked is None:
        raise NotFound(f"{actor.name} is no user")
    if asked != actor.user_id:
        actor.require(Permission.USERS_READ)
    user = await find_one(session, User, asked)
    grounds = (await read_grounds(session, [user.id]))[user.id]
    in_token = asked != actor.user_id or permission in actor.permissions
    return explain(grounds, permission, await _places(session, place), in_token=in_token)


async def _places(session: AsyncSession, place: Place) -> Rights:
    """A client is reached from its own account, and by whoever works for a provider of it."""
    reach: dict[str, frozenset[UUID]] = {}
    if place.provider_id is not None:
        reach["provider"] = frozenset({place.provider_id})
    if place.client_id is not None:
        client = await find_projected(session, ClientState, place.client_id)
        reach["client"] = frozenset({place.client_id})
        reach["provider"] = frozenset(client.provider_ids if client else ())
    return Rights(reach=reach)
