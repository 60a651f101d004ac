"""Some join a department, some leave it: the part of a use case that concerns its members."""

from collections.abc import Set
from typing import Final
from uuid import UUID

from sqlalchemy import select

from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeStatus
from florin_providers.models import Employee, NotAMember, TooManyMembers, standing_of

MOVES_MAX: Final = 1_000


async def move_members(
    department_id: UUID, joining: Set[UUID], leaving: Set[UUID], transaction: Transaction
) -> None:
    """Raises `NotAMember`, `TooManyMembers`, and what `Employee.change` raises."""
    moving = joining | leaving
    if len(moving) > MOVES_MAX:
        raise TooManyMembers(f"at most {MOVES_MAX} join or leave at once", limit=MOVES_MAX)
    for employee in await _locked(moving, transaction):
        others = tuple(id_ for id_ in employee.department_ids if id_ != department_id)
        mine = (department_id,) if employee.id in joining else ()
        standing = await standing_of(transaction, employee, mine)
        changed = employee.change({"department_ids": others + mine}, standing)
        transaction.emit(*filter(None, [changed]))


async def _locked(ids: Set[UUID], transaction: Transaction) -> list[Employee]:
    query = (
        select(Employee)
        .where(Employee.id.in_(ids), Employee.status != EmployeeStatus.ENDED)
        .order_by(Employee.id)  # all lock in one order, so that none waits for one who waits
        .with_for_update()
    )
    found = list(await transaction.session.scalars(query)) if ids else []
    if missing := ids - {employee.id for employee in found}:
        raise NotAMember(f"there is no employee {min(missing)}")
    return found
