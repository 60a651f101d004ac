"""An employee does nothing for the time being."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Employee, standing_of


async def suspend_employee(
    employee_id: UUID, expected_version: int | None, begin: Begin
) -> Employee:
    """Raises `NotFound`, `VersionMismatch`, and what `Employee.suspend` raises."""
    async with begin() as transaction:
        employee = await transaction.get(Employee, employee_id)
        employee.expect(expected_version)
        fact = employee.suspend(await standing_of(transaction, employee))
        transaction.emit(*filter(None, [fact]))
    return employee
