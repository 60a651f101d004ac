"""What follows here when identity states something about the logins of employees."""

from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserActivated, UserInvited, UserKind
from florin_contracts.providers import EmployeeStatus
from florin_providers.consumers.subscriptions import subscriptions
from florin_providers.models import Employee


@subscriptions.on(UserInvited)
async def make_first_administrator(event: UserInvited, transaction: Transaction) -> None:
    """Installation made the administrator's login; every other login began with an employee."""
    if not event.administrator:
        return
    if await transaction.session.get(Employee, event.id) is not None:
        return
    employee = Employee.first_administrator(event.id, event.name, event.email)
    transaction.add(employee)
    transaction.emit(employee.invite_as_administrator())


@subscriptions.on(UserActivated)
async def let_employee_join(event: UserActivated, transaction: Transaction) -> None:
    """Raises `NotFound`: an employee's row is older than its login, so none is a fault to see."""
    if event.kind is not UserKind.EMPLOYEE:
        return
    employee = await transaction.get(Employee, event.id)
    if employee.status is EmployeeStatus.INVITED:
        transaction.emit(employee.join())
