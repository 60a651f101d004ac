"""Lists payers, accounts and documents, by their owners."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_payers.models import Account, Expense, Invoice, Payer, Payment


async def list_rows(
    kind: type[Account | Expense | Invoice | Payer | Payment],
    session: AsyncSession,
    paging: Paging,
    **owners: UUID | None,
) -> dict[str, Any]:
    """A page of the rows that the actor reaches, narrowed to those owners that are named."""
    named = {column: owner for column, owner in owners.items() if owner is not None}
    return await paginate(session, select(kind).filter_by(**named), kind.id, paging)
