"""An employee leaves, for good."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Employee, standing_of


async def end_employee(employee_id: UUID, expected_version: int | None, begin: Begin) -> Employee:
    """Raises `NotFound`, `VersionMismatch`, and what `Employee.end` raises."""
    async with begin() as transaction:
        employee = await transaction.get(Employee, employee_id)
        employee.expect(expected_version)
        fact = employee.end(await standing_of(transaction, employee))
        transaction.emit(*filter(None, [fact]))
    return employee
