"""A company directory says something else of a group: its name, or who is in it."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin, Transaction
from florin_providers.models import (
    Department,
    DirectoryGroup,
    Employee,
    members_of,
    membership_of,
)
from florin_providers.use_cases.move_members import move_members

Members = frozenset[UUID]
Revise = Callable[[Department, Members], DirectoryGroup]


async def reprovision_department(department_id: UUID, revise: Revise, begin: Begin) -> Department:
    """What is so now, and the members that the actor reaches, are revised.

    Raises `NotFound` also for one that was removed, what `revise` raises, what `Department.change`
    raises if it is renamed, and what `move_members` raises.
    """
    async with begin() as transaction:
        department = await _taken(department_id, transaction)
        ids = members_of(department_id).with_only_columns(Employee.id)
        members = frozenset(await transaction.session.scalars(ids))
        group = revise(department, members)
        if (group.name, group.external_id) != (department.name, department.external_id):
            membership = await membership_of(transaction, department_id)
            transaction.emit(*filter(None, [department.change(group.columns(), membership)]))
        joining, leaving = group.member_ids - members, members - group.member_ids
        await move_members(department_id, joining, leaving, transaction)
    return department


async def _taken(department_id: UUID, transaction: Transaction) -> Department:
    """Locked against another such change, but not against employees that join by themselves."""
    query = select(Department).where(Department.id == department_id, ~Department.removed)
    locked = query.with_for_update(key_share=True)
    department = await transaction.session.scalar(locked)
    if department is None:
        raise NotFound(f"there is no department {department_id}")
    return department
