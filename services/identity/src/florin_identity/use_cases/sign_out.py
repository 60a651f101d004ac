"""A user ends the session that it asks in."""

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_contracts.identity import SessionEndCause
from florin_identity.models.ending import end_session
from florin_identity.models.session import Session


async def sign_out(begin: Begin) -> None:
    """Raises `NotFound` if it has ended."""
    async with begin() as transaction:
        session_id = transaction.actor.session_id
        if session_id is None:
            raise NotFound("you ask in no session")
        session = await transaction.get(Session, session_id)
        await end_session(transaction, session, SessionEndCause.SIGNED_OUT)
