"""A login opens and closes, and in the same transaction what its user may do, and its sessions."""

from florin_chassis.errors import Forbidden, Refusal
from florin_chassis.orm import Fact
from florin_chassis.transaction import Transaction
from florin_contracts.identity import SessionEndCause, UserKind
from florin_identity.models.ending import end_sessions
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.reckoning import reckon_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User


class SuspendedByProviders(Refusal):
    """An employee is suspended at providers: whether an administrator is left, one service decides.

    If both did, each could end one of the last two at the same moment.
    """

    code = "suspended_by_providers"


class OwnLogin(Forbidden):
    """Nobody suspends or resumes itself."""

    code = "own_login"


class MayDoMoreThanYou(Forbidden):
    """Nobody closes or opens the login of whoever may do more, or elsewhere."""

    code = "may_do_more_than_you"


def require_of_client(user: User) -> None:
    """Raise `SuspendedByProviders` for an employee."""
    if user.kind is UserKind.EMPLOYEE:
        raise SuspendedByProviders("suspend the employee where it works: POST /employees/…/suspend")


async def require_over(transaction: Transaction, user: User) -> None:
    """Raise `OwnLogin` or `MayDoMoreThanYou` unless the actor may do all that the user may."""
    if transaction.actor.user_id == user.id:
        raise OwnLogin("ask somebody else: nobody suspends or resumes itself")
    grounds = (await read_grounds(transaction.session, [user.id]))[user.id]
    if not grounds.rights_if_active().is_within(transaction.actor):
        raise MayDoMoreThanYou("the user may do what you may not, or elsewhere")


async def close_login(transaction: Transaction, user: User, facts: list[Fact]) -> None:
    """State that a user signs in no more: it may do nothing, and its sessions end."""
    if facts:
        transaction.emit(*facts)
        note(transaction, SecurityAct.USER_SUSPENDED, user.id, status=str(user.status))
        await reckon_access(transaction, [user.id])
        await end_sessions(transaction, user.id, SessionEndCause.USER_SUSPENDED)


async def open_login(transaction: Transaction, user: User, facts: list[Fact]) -> None:
    """State that a user signs in again, and may do what it may by now."""
    if facts:
        transaction.emit(*facts)
        note(transaction, SecurityAct.USER_RESUMED, user.id, status=str(user.status))
        await reckon_access(transaction, [user.id])
