"""A login opens and closes, and in the same transaction what its user may do, and its sessions."""

from typing import Final

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Forbidden, Refusal
from florin_chassis.orm import Fact
from florin_chassis.tables import projected_states as states
from florin_chassis.transaction import Transaction
from florin_contracts.identity import SessionEndCause, UserKind, UserStatus
from florin_contracts.providers import EmployeeInvited
from florin_identity.models.ending import end_sessions
from florin_identity.models.proven import seeing_all
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.reckoning import reckon_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

_HOLD: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.administrators', 0))")


class LastAdministrator(Refusal):
    """Somebody must be left who may do everything and can sign in."""

    code = "last_administrator"


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


async def hold_administrators(session: AsyncSession) -> None:
    """One at a time: two who shut themselves out at once shall not both succeed."""
    await session.execute(_HOLD)


async def require_another_administrator(transaction: Transaction, user: User) -> None:
    """Raise `LastAdministrator` if the user is the only one left who may do everything."""
    said = func.jsonb_extract_path_text(states.c.state, "administrator") == "true"
    employees = select(states.c.id).where(states.c.topic == EmployeeInvited.topic, said)
    able = select(User.id).where(
        User.kind == UserKind.EMPLOYEE,
        or_(User.id == user.id, User.status == UserStatus.ACTIVE),
        or_(User.administrator, User.id.in_(employees)),
    )
    with seeing_all(transaction):
        ids = (await transaction.session.scalars(able)).all()
        grounds = await read_grounds(transaction.session, ids)
    left = {id_ for id_, one in grounds.items() if one.is_administrator and not one.suspended}
    if left == {user.id}:
        raise LastAdministrator("nobody else is left who may do everything")


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
