"""Finds who is in a department."""

from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeStatus
from florin_providers.models.department import Membership
from florin_providers.models.employee import Employee

_employees: Final = Employee.__table__


def members_of(department_id: UUID) -> Select[Employee]:
    """Those in a department who have not left; as everywhere, whom the session's actor reaches."""
    return (
        select(Employee)
        .where(Employee.department_ids.contains([department_id]))
        .where(Employee.status != EmployeeStatus.ENDED)
    )


async def membership_of(transaction: Transaction, department_id: UUID) -> Membership:
    """Who is in a department, for an act upon it: also those whom the actor does not reach.

    Therefore the table itself is asked, which no tenant filter confines.
    """
    members = (
        select(_employees.c.id, _employees.c.administrator, _employees.c.provider_ids)
        .where(_employees.c.department_ids.contains([department_id]))
        .where(_employees.c.status != EmployeeStatus.ENDED)
    )
    actor, places, everywhere, of_actor = transaction.actor, set[UUID](), False, False
    for member in await transaction.session.execute(members):
        places.update(member.provider_ids)
        everywhere = everywhere or not member.provider_ids
        of_actor = of_actor or (member.id == actor.user_id and not member.administrator)
    return Membership(actor, of_actor, None if everywhere else frozenset(places))
