"""What follows here when identity states something about the logins of employees."""

from florin_chassis.transaction import Transaction
from florin_contracts.identity import (
    UserActivated,
    UserEmailChanged,
    UserInvited,
    UserKind,
    UserState,
)
from florin_providers.consumers.subscriptions import subscriptions
from florin_providers.models import Department, Employee, default_departments

subscriptions.project(UserState)


@subscriptions.on(UserInvited)
async def make_first_administrator(event: UserInvited, transaction: Transaction) -> None:
    """Installation made the administrator's login; every other login began with an employee.

    With it come the departments that an installation begins with.
    """
    if not event.administrator:
        return
    await _make_default_departments(transaction)
    if await transaction.session.get(Employee, event.id) is not None:
        return
    employee = Employee.new(event.name, event.email, id=event.id, administrator=True)
    transaction.add(employee)
    transaction.emit(employee.invite_as_administrator())


async def _make_default_departments(transaction: Transaction) -> None:
    for department in default_departments():
        if await transaction.session.get(Department, department.id) is None:
            transaction.add(department)
            transaction.emit(department.create_by_default())


@subscriptions.on(UserActivated)
async def let_employee_join(event: UserActivated, transaction: Transaction) -> None:
    """Raises `NotFound`: an employee's row is older than its login, so none is a fault to see."""
    if event.kind is not UserKind.EMPLOYEE:
        return
    employee = await transaction.get(Employee, event.id)
    transaction.emit(*filter(None, [employee.join()]))


@subscriptions.on(UserEmailChanged)
async def take_email(event: UserEmailChanged, transaction: Transaction) -> None:
    """Whoever signs in with another address is reached there too. Raises as above."""
    if event.kind is not UserKind.EMPLOYEE:
        return
    employee = await transaction.get(Employee, event.id)
    transaction.emit(*filter(None, [employee.take_email(event.email)]))
