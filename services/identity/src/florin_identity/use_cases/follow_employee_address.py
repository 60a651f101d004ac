"""An employee's login has the address that whoever invited the employee last named."""

from sqlalchemy import select

from florin_chassis.errors import NotYet
from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserKind, UserStatus
from florin_contracts.providers import EmployeeState, EmployeeStatus
from florin_identity.models.logins import readdress
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User


async def follow_employee_address(employee: EmployeeState, transaction: Transaction) -> None:
    """Once the login has a password, its address is its owner's. Who has left gives it up.

    Raises `NotYet` while another employee's login has the address: providers gives it to one at a
    time, so that the other has left, or has another by now, as is still to be heard.
    """
    user = await transaction.session.get(User, employee.id)
    left = employee.status is EmployeeStatus.ENDED
    if not left:
        await _until_free(employee, transaction)
    if user is None or not (left or user.status is UserStatus.INVITED):
        return
    if not left:
        await readdress(transaction, user, employee.email)
        return
    nobodys = f"{user.id}@left.invalid"  # RFC 2606
    if user.email != nobodys:
        transaction.emit(user.be_readdressed(nobodys))
        note(transaction, SecurityAct.EMAIL_CHANGED, user.id)


async def _until_free(employee: EmployeeState, transaction: Transaction) -> None:
    held = select(User.id).where(
        User.email == employee.email,
        User.id != employee.id,
        User.kind == UserKind.EMPLOYEE,
    )
    if await transaction.session.scalar(held) is not None:
        raise NotYet("another employee's login still has the address")
