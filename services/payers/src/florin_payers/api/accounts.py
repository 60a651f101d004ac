"""`/accounts`: clients' personal accounts and what is on them."""

from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_payers.api.schemas import AccountAnswer
from florin_payers.queries.find_accounts import list_accounts

router = Router(tags=["accounts"])


@router.get("/accounts", permission=Permission.ACCOUNTS_READ, response_model=Page[AccountAnswer])
async def get_accounts(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_accounts(session, paging, client_id=client_id, provider_id=provider_id)
