"""Somebody ends a session: its own, or one of a user that it is responsible for."""

from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_contracts.identity import SessionEndCause
from florin_contracts.permissions import Permission
from florin_identity.models.ending import end_session
from florin_identity.models.session import Session


async def end_a_session(session_id: UUID, begin: Begin) -> None:
    """Raises `NotFound` to everyone else, and if it has ended."""
    async with begin() as transaction:
        session = await transaction.get(Session, session_id)
        await end_session(transaction, session, _cause(session, transaction.actor))


def _cause(session: Session, actor: Actor) -> SessionEndCause:
    """Who acts as a client ends nobody's session; a key only with the permission."""
    if actor.in_person and session.user_id == actor.user_id:
        return SessionEndCause.SIGNED_OUT
    if Permission.SESSIONS_END in actor.permissions and actor.on_behalf_of is None:
        return SessionEndCause.ENDED_BY_OTHER
    raise NotFound(f"there is no session {session.id}")
