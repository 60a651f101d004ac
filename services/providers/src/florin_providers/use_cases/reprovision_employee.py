"""A company directory says something else of a person who works here."""

from collections.abc import Callable
from uuid import UUID

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_contracts.providers import EmployeeStatus
from florin_providers.models import DirectoryPerson, Employee, require_free, standing_of


async def reprovision_employee(
    employee_id: UUID, revise: Callable[[Employee], DirectoryPerson], begin: Begin
) -> Employee:
    """What is so now is revised, while nobody else can change it.

    Raises `NotFound` also for one that has left, what `revise` raises, what `change` and `suspend`
    of `Employee` raise, `EmailTaken` and `UserNameTaken`.
    """
    async with begin() as transaction:
        employee = await transaction.get(Employee, employee_id)
        if employee.status is EmployeeStatus.ENDED:
            raise NotFound(f"employee {employee_id} has left")
        person = revise(employee)
        if person.email != employee.email:
            await require_free(transaction.session, person.email)
        standing = await standing_of(transaction, employee)
        changed = employee.change(person.columns(), standing)
        switched = employee.resume(standing) if person.active else employee.suspend(standing)
        transaction.emit(*filter(None, [changed, switched]))
    return employee
