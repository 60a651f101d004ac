"""Reckons access anew from its grounds, in the transaction of whatever changed them."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.tables import projected_states as states
from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeInvited
from florin_identity.models.access import Access
from florin_identity.models.grounds import Grounds
from florin_identity.models.reading_grounds import read_grounds
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
    """
    session = transaction.session
    await session.flush()
    wanted = select(Access).where(Access.id.in_(user_ids)).order_by(Access.id)
    rows = (await session.scalars(wanted.with_for_update())).all()
    grounds = await read_grounds(session, [access.id for access in rows])
    for access in rows:
        _reckon(transaction, access, grounds[access.id])


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
