"""Who works for whom with which rights, as providers states it; which providers take clients."""

from florin_chassis.transaction import Transaction
from florin_contracts.providers import DepartmentState, EmployeeState, ProviderState
from florin_identity.consumers.subscriptions import subscriptions
from florin_identity.models.reckoning import hold_departments, reckon_access
from florin_identity.use_cases.follow_employee_address import follow_employee_address
from florin_identity.use_cases.invite_employee import invite_employee
from florin_identity.use_cases.reckon_department import reckon_department

subscriptions.project(ProviderState, EmployeeState, DepartmentState)


@subscriptions.follow(EmployeeState)
async def follow_employee(employee: EmployeeState, transaction: Transaction) -> None:
    """It can set a password once it has an invitation; what it may do is reckoned anew."""
    await hold_departments(transaction.session, employee.department_ids)
    await follow_employee_address(employee, transaction)
    await invite_employee(employee, transaction)
    await reckon_access(transaction, [employee.id])


@subscriptions.follow(DepartmentState)
async def follow_department(department: DepartmentState, transaction: Transaction) -> None:
    """What its members may do is reckoned anew, also of those who were in it before it arrived."""
    await reckon_department(department.id, transaction)
