"""Who is signed in proves again that it knows the password, before it changes how it signs in."""

from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Forbidden, NotFound
from florin_chassis.transaction import Transaction
from florin_identity.models.credential import Credential
from florin_identity.models.passwords import Hasher
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User


class WrongPassword(Forbidden):
    """It is not the password of the user who is signed in."""

    code = "wrong_password"
    keeps: ClassVar = True


async def require_password(transaction: Transaction, password: str, hasher: Hasher) -> User:
    """The user who is signed in, locked; raises `WrongPassword`, which the security log keeps.

    To be called first: the connection is given back while the password is hashed.
    """
    user_id = transaction.actor.user_id
    if user_id is None:
        raise NotFound("a program has no password")
    kept = (await transaction.session.get_one(Credential, user_id)).password_hash
    await transaction.session.rollback()
    if not await hasher.verify(password, kept):
        note(transaction, SecurityAct.SIGN_IN_FAILED, user_id, again=True)
        raise WrongPassword("this is not your password")
    user = await transaction.get(User, user_id)
    await _require_same(transaction.session, user, kept)
    return user


async def _require_same(session: AsyncSession, user: User, kept: str) -> None:
    """Somebody may have changed it meanwhile, because this one is known to others."""
    credential = await session.get_one(Credential, user.id)
    if credential.password_hash != kept:
        raise WrongPassword("this is not your password any more")
