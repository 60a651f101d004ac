"""An employee gets another name, other departments, grants or providers, or is to do everything."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Employee, need_providers, require_free, standing_of


async def change_employee(
    employee_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> Employee:
    """Raises `NotFound` (also for a provider or department), `VersionMismatch`, and refusals.

    Those are `EmployeeHasEnded`, `MayDoMoreThanYou`, `LastAdministrator`, `OwnRights`,
    `GrantsMoreThanHeld`, `EmailTaken` and `EmailIsTheEmployees`.
    """
    async with begin() as transaction:
        employee = await transaction.get(Employee, employee_id)
        employee.expect(expected_version)
        await need_providers(transaction.session, changes.get("provider_ids", ()))
        if changes.get("email", employee.email) != employee.email:
            await require_free(transaction.session, changes["email"])
        joining = changes.get("department_ids", ())
        changed = employee.change(changes, await standing_of(transaction, employee, joining))
        transaction.emit(*filter(None, [changed]))
    return employee
