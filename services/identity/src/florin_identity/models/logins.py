"""Logins follow from what the owners of people state: made with the first fact, closed for good."""

from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_identity.models.closing import close_login
from florin_identity.models.invitation import forget_invitations
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
    if await _is_taken(transaction, user.email, user.id):
        return
    transaction.add(user)
    transaction.emit(user.invite())
    note(transaction, SecurityAct.INVITED, user.id)
    write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
    await open_access(transaction, user)


async def readdress(transaction: Transaction, user: User, email: str) -> None:
    """Have a user that has yet to sign up invited at another address, which nobody signs in with.

    Whatever was sent to the last one stops working.
    """
    if user.email == email:
        return
    if await _is_taken(transaction, email, user.id):
        return
    transaction.emit(user.be_readdressed(email))
    note(transaction, SecurityAct.EMAIL_CHANGED, user.id)
    await forget_invitations(transaction.session, user.id)
    write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)


async def _is_taken(transaction: Transaction, email: str, invited: UUID) -> bool:
    """Whether somebody signs in with the address, who is told so in its log."""
    taken_by = await login_at(transaction.session, email)
    if taken_by is not None:
        details = {"refused": "email_taken", "invited": str(invited)}
        note(transaction, SecurityAct.INVITED, taken_by, **details)
    return taken_by is not None


async def end_login(transaction: Transaction, user_id: UUID) -> None:
    """Close the login of a person who left, for good. Nothing if there is none."""
    user = await transaction.session.get(User, user_id, with_for_update=True)
    if user is not None:
        await close_login(transaction, user, user.leave())
