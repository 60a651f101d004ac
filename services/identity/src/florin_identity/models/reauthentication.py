"""Who is signed in proves again that it knows the password, before it changes how it signs in."""

from typing import ClassVar

from florin_chassis.errors import Forbidden, NotFound
from florin_chassis.transaction import Transaction
from florin_identity.models.credential import Credential, WrongCredentials
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.user import User


class WrongPassword(Forbidden):
    """It is not the password of the user who is signed in."""

    code = "wrong_password"
    keeps: ClassVar = True


async def require_password(
    transaction: Transaction, password: str, passwords: PasswordCheck
) -> User:
    """The user who is signed in, locked; raises `WrongPassword`, `TooManyAttempts`.

    It counts as a sign-in does: a stolen session is no way around the locks. To be called first:
    the connection is given back while the password is hashed.
    """
    me = await find_myself(transaction)
    try:
        checked = await passwords.login_of(transaction, me.email, password)
    except WrongCredentials:
        raise WrongPassword("this is not your password") from None
    user = await transaction.get(User, checked.user_id)
    credential = await transaction.session.get_one(Credential, user.id)
    if credential.changed_at != checked.password_since:  # changed meanwhile, with a reason
        raise WrongPassword("this is not your password any more")
    return user


async def find_myself(transaction: Transaction) -> User:
    """The user who is signed in, not locked; raises `NotFound` for a program."""
    if transaction.actor.user_id is None:
        raise NotFound("a program has no login")
    return await transaction.session.get_one(User, transaction.actor.user_id)
