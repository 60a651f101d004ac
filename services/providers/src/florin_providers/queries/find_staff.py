"""Looks departments and employees up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Department, Employee


async def list_departments(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of all departments."""
    return await paginate(session, select(Department), Department.id, paging)


async def list_employees(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the employees that work for a provider the actor reaches."""
    return await paginate(session, select(Employee), Employee.id, paging)


async def find_employee(session: AsyncSession, employee_id: UUID) -> Employee:
    """Raises `NotFound`."""
    employee = await session.get(Employee, employee_id)
    if employee is None:
        raise NotFound(f"there is no employee {employee_id}")
    return employee
