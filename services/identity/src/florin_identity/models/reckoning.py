"""Reckons access anew from its grounds, in the transaction of whatever changed them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.tables import projected_states as states
from florin_chassis.transaction import Transaction
from florin_contracts.envelope import Envelope
from florin_contracts.providers import EmployeeInvited
from florin_identity.models.access import Access
from florin_identity.models.access_rules import outdated
from florin_identity.models.due_reckoning import mark_due, take_due, take_some_due
from florin_identity.models.grounds import Grounds
from florin_identity.models.reading_grounds import read_grounds
from florin_identity.models.rights import Rights
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User

# A department's change and an employee's joining it, at the same time in two transactions, would
# each miss the other.
_HOLD: Final = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('florin.department.' || id, 0))"
    " FROM (SELECT unnest(CAST(:ids AS text[])) AS id ORDER BY 1) departments"
)
_CHANGE: Final = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('florin.department.' || :id, 0))"
)


async def open_access(transaction: Transaction, user: User) -> None:
    """Give a new user its access; what has arrived of it counts at once."""
    await transaction.session.flush()
    transaction.add(Access.of(user))
    await reckon_access(transaction, [user.id])


async def reckon_access(transaction: Transaction, user_ids: Collection[UUID]) -> None:
    """Have the users' access follow from its grounds, and state what changed.

    Of an id that is no user's nothing follows yet: its access is opened with the user. The rows
    are locked before the grounds are read, so that of two changes at once the second sees both.
    A process of an earlier release does what it can, and leaves the rest to one of the latest.
    """
    await _reckon_each(transaction, dict.fromkeys(user_ids, transaction.cause))


async def reckon_due(transaction: Transaction, count: int) -> int:
    """Reckon at most so many of those who wait for it, each in the name of who caused it."""
    due = await take_some_due(transaction.session, count)
    await _reckon_each(transaction, {one.user_id: one.cause for one in due})
    return len(due)


async def reckon_if_due(transaction: Transaction, user_id: UUID) -> None:
    """Have a user's access be what it is by now, before a token is issued to it.

    The user is locked before its access, as by whoever suspends it.
    """
    session = transaction.session
    if (due := await take_due(session, user_id)) is not None:
        lock = {"read": True, "key_share": True}
        await session.get(User, user_id, with_for_update=lock)
        await _reckon_each(transaction, {user_id: due.cause})
        await session.flush()


async def current_access(transaction: Transaction, user: User) -> Rights:
    """What a token issued in this transaction allows, and as of which `version`.

    What is to be reckoned is reckoned first: nobody gets a token with rights that it has lost. The
    row is locked FOR SHARE, so that no right that is lost meanwhile stays in a token of a later
    version. Raises `NoResultFound` for a user beyond the actor's reach.
    """
    session = transaction.session
    await reckon_if_due(transaction, user.id)
    mine = select(Access).where(Access.id == user.id)
    locked = mine.with_for_update(read=True).execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one().rights


async def _reckon_each(transaction: Transaction, causes: Mapping[UUID, Envelope | None]) -> None:
    session = transaction.session
    await session.flush()
    wanted = select(Access, outdated()).where(Access.id.in_(causes)).order_by(Access.id)
    rows = (await session.execute(wanted.with_for_update(of=Access))).all()
    grounds = await read_grounds(session, [access.id for access, _ in rows])
    for access, by_earlier_rules in rows:
        cause = causes[access.id]
        with transaction.late_for(None if cause is transaction.cause else cause):
            _reckon(transaction, access, grounds[access.id])
        if by_earlier_rules:
            await mark_due(session, [access.id], cause)


def _reckon(transaction: Transaction, access: Access, grounds: Grounds) -> None:
    before, after = access.rights, grounds.rights()
    for fact in access.become(after):
        transaction.emit(fact)
        gained = sorted(after.permissions - before.permissions)
        lost = sorted(before.permissions - after.permissions)
        note(transaction, SecurityAct.ACCESS_CHANGED, access.id, gained=gained, lost=lost)


async def hold_departments(session: AsyncSession, department_ids: Collection[UUID]) -> None:
    """Until the transaction ends, none of these departments changes unnoticed."""
    if department_ids:
        await session.execute(_HOLD, {"ids": sorted(map(str, department_ids))})


async def change_department(session: AsyncSession, department_id: UUID) -> Sequence[UUID]:
    """The employees whose rights follow from a department; nobody joins it meanwhile."""
    await session.execute(_CHANGE, {"id": str(department_id)})
    members = states.c.state["department_ids"].has_key(str(department_id))
    employees = select(states.c.id).where(states.c.topic == EmployeeInvited.topic, members)
    return (await session.scalars(employees.order_by(states.c.id))).all()
