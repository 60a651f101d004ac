"""A company directory has a group of people; what they may do is decided here, afterwards."""

from florin_chassis.transaction import Begin
from florin_providers.models import Department, DirectoryGroup
from florin_providers.use_cases.move_members import move_members


async def provision_department(group: DirectoryGroup, begin: Begin) -> Department:
    """It gives no rights yet. Raises `NotAMember`, and what `Employee.change` raises."""
    department = Department.new(**group.columns())
    async with begin() as transaction:
        transaction.add(department)
        transaction.emit(department.create(transaction.actor))
        await move_members(department.id, group.member_ids, frozenset(), transaction)
    return department
