"""A session goes on: its refresh token is turned in for the next, and for an access token."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import SessionEndCause, UserStatus
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.allowed_addresses import require_allowed_address
from florin_identity.models.ending import end_session
from florin_identity.models.proof import SessionProof
from florin_identity.models.proven import act_as
from florin_identity.models.refresh_family import (
    RefreshFamily,
    RefreshToken,
    RefreshTokenReused,
    digest,
    refused,
)
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.session_lives import SessionLives
from florin_identity.models.signing_in import SignedIn
from florin_identity.models.standing import Standing, standing_in
from florin_identity.models.user import User


async def refresh_session(
    refresh_token: str, lives: SessionLives, tokens: AccessTokens, begin: Begin
) -> SignedIn:
    """Raises `RefreshTokenRefused`, and `AddressRefused` from where the user may not sign in.

    Raises `RefreshTokenReused`, and then the session has ended.

    The session is locked: of two who present a token at once, one comes second. The access is
    before that, as by whoever takes it away and ends the session. The database's clock counts, so
    that replicas agree.
    """
    presented = RefreshToken.parse(refresh_token)
    async with begin() as transaction:
        session_id, user_id = await _named(transaction.session, presented)
        act_as(transaction, user_id)
        await require_allowed_address(transaction, user_id)
        standing = await _standing(transaction, session_id, user_id)
        session = await transaction.session.get(Session, session_id, with_for_update=True)
        if session is None or session.ended_at is not None:
            raise refused()
        family, now = await _family(transaction.session, session_id)
        if lives.is_over(session.started_at, family.used_at, now):
            raise refused()
        try:
            successor = family.renew(presented, now, transaction.origin)
        except RefreshTokenReused:
            await _give_away(transaction, session)
            raise
    access_token = tokens.for_session(session_id, user_id, standing)
    return SignedIn(session, access_token, str(successor), standing.provisional)


async def _named(session: AsyncSession, presented: RefreshToken) -> tuple[UUID, UUID]:
    """The session and its user. Read as a table: nobody is signed in yet."""
    sessions = Session.__table__.c
    wanted = (
        select(sessions.id, sessions.user_id)
        .join(RefreshFamily, RefreshFamily.session_id == sessions.id)
        .where(RefreshFamily.family_hash == digest(presented.family))
    )
    found = (await session.execute(wanted)).first()
    if found is None:
        raise refused()
    return found.id, found.user_id


async def _standing(transaction: Transaction, session_id: UUID, user_id: UUID) -> Standing:
    session = transaction.session
    user = await session.get_one(User, user_id)
    if user.status is not UserStatus.ACTIVE:
        raise refused()
    proof = await session.get_one(SessionProof, session_id)
    return await standing_in(transaction, proof, user)


async def _family(session: AsyncSession, session_id: UUID) -> tuple[RefreshFamily, datetime]:
    wanted = select(RefreshFamily, func.clock_timestamp())
    family, now = (
        await session.execute(wanted.where(RefreshFamily.session_id == session_id))
    ).one()
    return family, now


async def _give_away(transaction: Transaction, session: Session) -> None:
    """Two hold the session's tokens, and nobody knows which of them is the user."""
    details = {"session_id": str(session.id)}
    note(transaction, SecurityAct.REFRESH_TOKEN_REUSED, session.user_id, **details)
    await end_session(transaction, session, SessionEndCause.TOKEN_REUSED)
