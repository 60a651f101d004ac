"""An employee of providers' gets a login, under the same id."""

from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeState, EmployeeStatus
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.reckoning import open_access
from florin_identity.models.user import User, invited_employee


async def invite_employee(employee: EmployeeState, transaction: Transaction) -> None:
    """Nothing happens for a login that is there already: the first administrator's is made here.

    Any of its facts will do, should the first not have come to anything; but for the last.
    """
    if employee.status is EmployeeStatus.ENDED:
        return
    if await transaction.session.get(User, employee.id) is not None:
        return
    user = invited_employee(
        employee.id, employee.name, employee.email, administrator=employee.administrator
    )
    transaction.add(user)
    transaction.emit(user.invite())
    write_letter(transaction, LetterKind.INVITATION, user.email, user.id, name=user.name)
    await open_access(transaction, user)
