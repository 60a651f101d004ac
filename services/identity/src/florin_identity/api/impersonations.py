"""`/impersonations`: which employees acted as clients, and why; they leave before their time."""

from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import SIGNED_IN, BeginTransaction, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import ImpersonationAnswer
from florin_identity.queries.find_impersonations import list_impersonations
from florin_identity.use_cases.end_an_impersonation import end_an_impersonation

router = Router(tags=["impersonations"])


@router.get(
    "/impersonations",
    permission=Permission.CLIENTS_READ,
    response_model=Page[ImpersonationAnswer],
)
async def get_impersonations(
    session: Reading, paging: PagingQuery, client_id: UUID | None = None
) -> dict[str, Any]:
    return await list_impersonations(session, client_id, paging)


@router.delete("/impersonations/{impersonation_id}", permission=SIGNED_IN)
async def delete_impersonation(impersonation_id: UUID, begin: BeginTransaction) -> None:
    await end_an_impersonation(impersonation_id, begin)
