"""A user signs in with email and password."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.credential import Credential
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.proven import act_as
from florin_identity.models.signing_in import SignedIn, open_session


async def start_session(
    email: str, password: str, passwords: PasswordCheck, tokens: AccessTokens, begin: Begin
) -> SignedIn:
    """Raises `WrongCredentials`, after the same time, whatever it was that is wrong.

    Raises `TooManyAttempts` where that was so too often, be the password right or not.
    """
    async with begin() as transaction:
        login = await passwords.login_of(transaction, email, password)
        act_as(transaction, login.user_id)
        if passwords.hasher.is_outdated(login.password_hash):
            new_hash = await passwords.hasher.hash(password)
            await _rehash(transaction.session, login.user_id, new_hash)
        return await open_session(transaction, login.user_id, ["pwd"], tokens)


async def _rehash(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    credential = await session.get_one(Credential, user_id)
    credential.password_hash = password_hash
