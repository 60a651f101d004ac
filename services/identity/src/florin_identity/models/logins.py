"""Logins follow from what the owners of people state: made with the first fact, closed for good."""

from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_identity.models.closing import close_login
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.reckoning import open_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User, login_at


async def make_login(transaction: Transaction, user: User) -> None:
    """Have the user invited. Nothing if it has a login.

    Nothing either, but a line in the log of whoever signs in with this email already, while there
    is one: the next fact about the person tries again.
    """
    if await transaction.session.get(User, user.id) is not None:
        return
    if (taken_by := await login_at(transaction.session, user.email)) is not None:
        details = {"refused": "email_taken", "invited": str(user.id)}
        note(transaction, SecurityAct.INVITED, taken_by, **details)
        return
    transaction.add(user)
    transaction.emit(user.invite())
    note(transaction, SecurityAct.INVITED, user.id)
    write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
    await open_access(transaction, user)


async def end_login(transaction: Transaction, user_id: UUID) -> None:
    """Close the login of a person who left, for good. Nothing if there is none."""
    user = await transaction.session.get(User, user_id, with_for_update=True)
    if user is not None:
        await close_login(transaction, user, user.leave())
