"""A department is there no more; whoever is in it leaves it first, in the same transaction."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Department, Employee, members_of, membership_of
from florin_providers.use_cases.move_members import move_members


async def remove_department(
    department_id: UUID, expected_version: int | None, begin: Begin
) -> None:
    """Raises what `change_department` raises, and what `move_members` raises."""
    async with begin() as transaction:
        department = await transaction.get(Department, department_id)
        department.expect(expected_version)
        membership = await membership_of(transaction, department_id)
        department.require_changeable(membership)
        ids = members_of(department_id).with_only_columns(Employee.id)
        leaving = frozenset(await transaction.session.scalars(ids))
        await move_members(department_id, frozenset(), leaving, transaction)
        transaction.emit(department.remove(membership))
