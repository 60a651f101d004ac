"""Who works for whom with which rights, as providers states it; which providers take clients."""

from florin_chassis.transaction import Transaction
from florin_contracts.providers import (
    DepartmentState,
    EmployeeInvited,
    EmployeeState,
    ProviderState,
)
from florin_identity.consumers.subscriptions import subscriptions
from florin_identity.use_cases.invite_employee import invite_employee

subscriptions.project(ProviderState, EmployeeState, DepartmentState)


@subscriptions.on(EmployeeInvited)
async def make_login(event: EmployeeInvited, transaction: Transaction) -> None:
    """The employee can set a password from now on, once it has an invitation."""
    await invite_employee(event, transaction)
