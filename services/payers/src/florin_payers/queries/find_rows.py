"""Looks payers, accounts and documents up: all are found by their id and listed by their owners."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.http.pages import Paging, paginate
from florin_payers.models import Account, Expense, Invoice, Payer, Payment

R = TypeVar("R", Payer, Invoice)


async def list_rows(
    kind: type[Account | Expense | Invoice | Payer | Payment],
    session: AsyncSession,
    paging: Paging,
    **owners: UUID | None,
) -> dict[str, Any]:
    """A page of the rows that the actor reaches, narrowed to those owners that are named."""
    named = {column: owner for column, owner in owners.items() if owner is not None}
    return await paginate(session, select(kind).filter_by(**named), kind.id, paging)


async def find_row(kind: type[R], session: AsyncSession, row_id: UUID) -> R:
    """Raises `NotFound`."""
    row = await session.get(kind, row_id)
    if row is None:
        raise NotFound(f"there is no {kind.__name__.lower()} {row_id}")
    return row
