"""Finds how an employee stands to others, before an act upon it."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Transaction
from florin_contracts.providers import EmployeeStatus
from florin_providers.models.employee import Employee
from florin_providers.models.references import need_departments
from florin_providers.models.standing import Standing

_ONE_BY_ONE: Final = func.pg_advisory_xact_lock(func.hashtextextended("administrators", 0))


async def standing_of(
    transaction: Transaction, employee: Employee, joining: Collection[UUID] = ()
) -> Standing:
    """The standing of a locked employee; `joining` are departments that it shall be in.

    For an administrator it holds off every other such act until the transaction ends: of two that
    together would leave none, the second sees the first. Raises `NotFound` for a department.
    """
    session = transaction.session
    departments = await need_departments(session, {*employee.department_ids, *joining})
    last = employee.administrator and not await _another_administrator(session, employee.id)
    by_id = {department.id: department for department in departments}
    return Standing(transaction.actor, by_id, last_administrator=last)


async def _another_administrator(session: AsyncSession, employee_id: UUID) -> bool:
    await session.execute(select(_ONE_BY_ONE))
    others = exists().where(
        Employee.administrator,
        Employee.status == EmployeeStatus.ACTIVE,
        Employee.id != employee_id,
    )
    return bool(await session.scalar(select(others)))
