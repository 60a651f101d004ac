"""A person is asked to work for providers; identity makes the login from the event."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.permissions import Permission
from florin_providers.models import Employee, need_providers, require_free, standing_of


async def invite_employee(
    name: str,
    email: str,
    provider_ids: tuple[UUID, ...],
    department_ids: tuple[UUID, ...],
    permissions: tuple[Permission, ...],
    begin: Begin,
) -> Employee:
    """Raises `NotFound` for a provider or department, `GrantsMoreThanHeld` and `EmailTaken`."""
    employee = Employee.new(
        name,
        email,
        provider_ids=provider_ids,
        department_ids=department_ids,
        permissions=permissions,
    )
    async with begin() as transaction:
        await need_providers(transaction.session, provider_ids)
        await require_free(transaction.session, email)
        standing = await standing_of(transaction, employee)
        transaction.add(employee)
        transaction.emit(employee.invite(standing))
    return employee
