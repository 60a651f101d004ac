"""An employee of providers' has a login under the same id, until it leaves."""

from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeState, EmployeeStatus
from florin_identity.models.logins import end_login, make_login
from florin_identity.models.user import invited_employee


async def invite_employee(employee: EmployeeState, transaction: Transaction) -> None:
    """Any fact will do, should the first not have come to anything; the last closes it for good.

    The first administrator's login is there already: it was made here.
    """
    if employee.status is EmployeeStatus.ENDED:
        await end_login(transaction, employee.id)
        return
    user = invited_employee(
        employee.id, employee.name, employee.email, administrator=employee.administrator
    )
    await make_login(transaction, user)
