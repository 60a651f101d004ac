"""A person is asked to work for providers; identity makes the login from the event."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.permissions import Permission
from florin_contracts.providers import EmployeeStatus
from florin_providers.models import Department, Employee, Provider, need_all


async def invite_employee(
    name: str,
    email: str,
    provider_ids: tuple[UUID, ...],
    department_ids: tuple[UUID, ...],
    permissions: tuple[Permission, ...],
    begin: Begin,
) -> Employee:
    """Raises `NotFound` for a provider or department, `GrantsMoreThanHeld` and `EmailTaken`."""
    employee = Employee(
        name=name,
        email=email,
        status=EmployeeStatus.INVITED,
        administrator=False,
        provider_ids=provider_ids,
        department_ids=department_ids,
        permissions=permissions,
    )
    async with begin() as transaction:
        await need_all(transaction.session, Provider, provider_ids)
        departments = await need_all(transaction.session, Department, department_ids)
        transaction.add(employee)
        transaction.emit(employee.invite(transaction.actor, departments))
    return employee
