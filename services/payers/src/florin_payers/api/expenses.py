"""`/expenses`: what was charged to personal accounts."""

from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_payers.api.schemas import ExpenseAnswer
from florin_payers.models import Expense
from florin_payers.queries.list_rows import list_rows

router = Router(tags=["payments"])


@router.get("/expenses", permission=Permission.PAYMENTS_READ, response_model=Page[ExpenseAnswer])
async def get_expenses(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_rows(Expense, session, paging, client_id=client_id, provider_id=provider_id)
