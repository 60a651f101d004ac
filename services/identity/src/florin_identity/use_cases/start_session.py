"""A user signs in with email and password."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.access import current_access
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.credential import Credential, Login, WrongCredentials, find_login
from florin_identity.models.passwords import Hasher
from florin_identity.models.proven import act_as
from florin_identity.models.session import Session
from florin_identity.models.user import User


class SignedIn(NamedTuple):
    """The session and the first token of it."""

    session: Session
    access_token: str


async def start_session(
    email: str, password: str, hasher: Hasher, tokens: AccessTokens, begin: Begin
) -> SignedIn:
    """Raises `WrongCredentials`, after the same time, whatever it was that is wrong."""
    async with begin() as transaction:
        login = await _verified(transaction.session, email, password, hasher)
        act_as(transaction, login.user_id)
        user = await transaction.session.get_one(User, login.user_id)  # read, not locked
        if hasher.is_outdated(login.password_hash):
            await _rehash(transaction.session, user.id, await hasher.hash(password))
        session = _start(transaction, user.id)
        access = await current_access(transaction.session, user)
    return SignedIn(session, tokens.for_session(session, access))


async def _verified(session: AsyncSession, email: str, password: str, hasher: Hasher) -> Login:
    login = await find_login(session, email)
    await session.rollback()  # gives the connection back: hashing takes longer than any query
    right = await hasher.verify(password, login.password_hash if login else None)
    if login is None or not right or login.status is not UserStatus.ACTIVE:
        raise WrongCredentials("email and password do not go together")
    return login


def _start(transaction: Transaction, user_id: UUID) -> Session:
    session = Session(user_id=user_id, started_at=datetime.now(UTC), amr=["pwd"])
    transaction.add(session)
    transaction.emit(session.start())
    return session


async def _rehash(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    credential = await session.get_one(Credential, user_id)
    credential.password_hash = password_hash
