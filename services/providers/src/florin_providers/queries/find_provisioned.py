"""Reads employees and departments as a company directory asks for them: filtered, by position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_contracts.providers import EmployeeStatus
from florin_providers.models import Department, Employee, members_of


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows: those that match, in an order, from one on, so many."""

    matching: ColumnElement[bool]
    order: Sequence[ColumnElement[Any]] = ()
    offset: int = 0
    limit: int = 0


async def find_employees(session: AsyncSession, slice_: Slice) -> tuple[int, list[Employee]]:
    """How many have not left and match, and those of them that are within the slice."""
    rows = select(Employee).where(Employee.status != EmployeeStatus.ENDED)
    return await _sliced(session, rows, Employee, slice_)


async def find_departments(session: AsyncSession, slice_: Slice) -> tuple[int, list[Department]]:
    """How many are there and match, and those of them that are within the slice."""
    rows = select(Department).where(~Department.removed)
    return await _sliced(session, rows, Department, slice_)


async def names_of_departments(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these departments."""
    wanted = set(ids)
    if not wanted:
        return {}
    named = select(Department.id, Department.name).where(Department.id.in_(wanted))
    return {row.id: row.name for row in await session.execute(named)}


async def ids_of_members(session: AsyncSession, department_id: UUID) -> list[UUID]:
    """Who is in a department, of those that the actor reaches."""
    ids = members_of(department_id).with_only_columns(Employee.id)
    return list(await session.scalars(ids))


async def _sliced(
    session: AsyncSession, rows: Select[Any], kind: type[Any], slice_: Slice
) -> tuple[int, list[Any]]:
    matching = rows.where(slice_.matching)
    count = select(func.count()).select_from(matching.with_only_columns(kind.id).subquery())
    total = await session.scalar(count) or 0
    if not slice_.limit or slice_.offset >= total:
        return total, []
    page = matching.order_by(*slice_.order, kind.id).offset(slice_.offset).limit(slice_.limit)
    return total, list(await session.scalars(page))
