"""Explains what a user may do, to itself or to whoever may see it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.road.projections import find_projected
from florin_contracts.clients import ClientState
from florin_contracts.permissions import Permission
from florin_identity.models.explanation import Explanation, Verdict, allowed_to_everybody, explain
from florin_identity.models.proof import RecentProofNeeded, SessionProof
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.rights import Rights
from florin_identity.models.user import User


class Place(NamedTuple):
    """Where a thing shall be done; anywhere if neither is named."""

    provider_id: UUID | None = None
    client_id: UUID | None = None


class Act(NamedTuple):
    """A thing to do, and what it asks for besides a permission, which is none for one's own.

    `provisional`: who has yet to prove more may, too; `public`: so may everybody.
    """

    permission: Permission | None
    in_person: bool = False
    recent_proof: timedelta | None = None
    provisional: bool = False
    public: bool = False


async def explain_access(
    session: AsyncSession, actor: Actor, user_id: UUID | None, act: Act, place: Place
) -> Explanation:
    """Another user must be one that the actor sees: raises `Forbidden` or `NotFound`.

    What a token lacks is told of the actor's own only.
    """
    asked = actor.user_id if user_id is None else user_id
    if asked is None:
        raise NotFound(f"{actor.name} is no user")
    if asked != actor.user_id:
        actor.require(Permission.USERS_READ)
    user = await find_one(session, User, asked)
    if act.public:
        return allowed_to_everybody(user.id)
    grounds = (await read_grounds(session, [user.id]))[user.id]
    here = [] if asked != actor.user_id else [o async for o in _lacking(session, actor, user, act)]
    return explain(grounds, act.permission, await _places(session, place), here)


async def _lacking(
    session: AsyncSession, actor: Actor, user: User, act: Act
) -> AsyncIterator[Verdict]:
    """As endpoints judge a token."""
    if actor.provisional and not act.provisional:
        yield Verdict.PROOF_INCOMPLETE
    elif act.permission is not None and act.permission not in actor.permissions:
        yield Verdict.NOT_IN_TOKEN
    if act.in_person and actor.on_behalf_of is not None:
        yield Verdict.IMPERSONATING
    elif act.in_person and not actor.in_person:
        yield Verdict.NOT_IN_PERSON
    elif act.recent_proof is not None and not await _proved(session, actor, user, act.recent_proof):
        yield Verdict.RECENT_PROOF_NEEDED


async def _proved(session: AsyncSession, actor: Actor, user: User, within: timedelta) -> bool:
    own = select(SessionProof).where(SessionProof.session_id == actor.session_id)
    proof: SessionProof | None = await session.scalar(own)
    if proof is None:
        return False
    try:
        proof.require_recent(within, second_factor=user.second_factor)
    except RecentProofNeeded:
        return False
    return True


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
