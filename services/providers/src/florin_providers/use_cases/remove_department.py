"""A department is there no more; whoever is in it leaves it first, in the same transaction."""

from uuid import UUID

from florin_chassis.transaction import Begin, Transaction
from florin_providers.models import (
    Department,
    Employee,
    members_of,
    membership_of,
    standing_of,
)


async def remove_department(
    department_id: UUID, expected_version: int | None, begin: Begin
) -> None:
    """Raises what `change_department` raises, and what `change_employee` raises for a member."""
    async with begin() as transaction:
        department = await transaction.get(Department, department_id)
        department.expect(expected_version)
        membership = await membership_of(transaction, department_id)
        department.require_changeable(membership)
        await _empty(department, transaction)
        transaction.emit(department.remove(membership))


async def _empty(department: Department, transaction: Transaction) -> None:
    """Whom the actor does not reach is no member: that was refused before."""
    locked = members_of(department.id).order_by(Employee.id).with_for_update()
    for employee in await transaction.session.scalars(locked):
        kept = tuple(id_ for id_ in employee.department_ids if id_ != department.id)
        standing = await standing_of(transaction, employee)
        transaction.emit(*filter(None, [employee.change({"department_ids": kept}, standing)]))
