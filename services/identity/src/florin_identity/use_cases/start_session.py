"""A user signs in with email and password."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.access import current_access
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.credential import Credential
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.user import User


class SignedIn(NamedTuple):
    """The session and the first token of it."""

    session: Session
    access_token: str


async def start_session(
    email: str, password: str, passwords: PasswordCheck, tokens: AccessTokens, begin: Begin
) -> SignedIn:
    """Raises `WrongCredentials`, after the same time, whatever it was that is wrong.

    Raises `TooManyAttempts` where that was so too often, be the password right or not.
    """
    async with begin() as transaction:
        login = await passwords.login_of(transaction, email, password)
        act_as(transaction, login.user_id)
        user = await transaction.session.get_one(User, login.user_id)  # read, not locked
        if passwords.hasher.is_outdated(login.password_hash):
            await _rehash(transaction.session, user.id, await passwords.hasher.hash(password))
        session = _start(transaction, user.id)
        access = await current_access(transaction.session, user)
    return SignedIn(session, tokens.for_session(session, access))


def _start(transaction: Transaction, user_id: UUID) -> Session:
    session = Session(user_id=user_id, started_at=datetime.now(UTC), amr=["pwd"])
    transaction.add(session)
    transaction.emit(session.start())
    note(transaction, SecurityAct.SIGNED_IN, user_id, session_id=str(session.id))
    return session


async def _rehash(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    credential = await session.get_one(Credential, user_id)
    credential.password_hash = password_hash
