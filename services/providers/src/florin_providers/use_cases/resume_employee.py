"""An employee that was suspended works again."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Employee, standing_of


async def resume_employee(
    employee_id: UUID, expected_version: int | None, begin: Begin
) -> Employee:
    """Raises `NotFound`, `VersionMismatch`, and what `Employee.resume` raises."""
    async with begin() as transaction:
        employee = await transaction.get(Employee, employee_id)
        employee.expect(expected_version)
        fact = employee.resume(await standing_of(transaction, employee))
        transaction.emit(*filter(None, [fact]))
    return employee
