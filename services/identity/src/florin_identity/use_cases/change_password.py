"""A user who is signed in sets another password, and is signed out everywhere else."""

from florin_chassis.transaction import Begin
from florin_contracts.identity import SessionEndCause
from florin_identity.models.ending import end_sessions
from florin_identity.models.new_password import replace_password
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.passwords import require_strong
from florin_identity.models.reauthentication import find_myself, require_password


async def change_password(
    password: str, new_password: str, passwords: PasswordCheck, begin: Begin
) -> None:
    """Raises `WrongPassword`, `TooManyAttempts`; `Malformed` on a weak one."""
    async with begin() as transaction:
        me = await find_myself(transaction)
        require_strong(new_password, me.email, me.name)
        await transaction.session.rollback()  # gives the connection back while it is hashed
        password_hash = await passwords.hasher.hash(new_password)
        user = await require_password(transaction, password, passwords)
        await replace_password(transaction, user, password_hash, by="its owner")
        this = transaction.actor.session_id
        await end_sessions(transaction, user.id, SessionEndCause.PASSWORD_CHANGED, but=this)
