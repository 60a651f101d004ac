"""Lists departments and employees."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_providers.models import Department, Employee


async def list_departments(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of all departments; one that was removed is found by its id only."""
    there = select(Department).where(~Department.removed)
    return await paginate(session, there, Department.id, paging)


async def list_support_departments(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of those that clients see where they ask for help."""
    shown = select(Department).where(Department.shown_in_support)
    return await paginate(session, shown, Department.id, paging)


async def list_employees(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the employees that work for a provider the actor reaches."""
    return await paginate(session, select(Employee), Employee.id, paging)
