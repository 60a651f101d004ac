"""`/impersonations`: employees act as clients, and clients read who did."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import (
    ImpersonationAnswer,
    ImpersonationTokenAnswer,
    NewImpersonation,
)
from florin_identity.api.tools import CurrentSettings, CurrentTokens
from florin_identity.queries.find_impersonations import list_impersonations
from florin_identity.use_cases.impersonate_client import impersonate_client

router = Router(tags=["impersonations"])


@router.post(
    "/impersonations",
    permission=Permission.CLIENTS_IMPERSONATE,
    secret_answer=True,
    response_model=ImpersonationTokenAnswer,
)
async def post_impersonation(
    body: NewImpersonation,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> dict[str, object]:
    life = timedelta(seconds=settings.impersonation_life_s)
    impersonation = await impersonate_client(body.client_id, body.reason, life, begin)
    return {
        "access_token": tokens.for_impersonation(impersonation),
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": settings.impersonation_life_s,
        "impersonation_id": impersonation.id,
    }


@router.get(
    "/impersonations",
    permission=Permission.CLIENTS_READ,
    response_model=Page[ImpersonationAnswer],
)
async def get_impersonations(
    session: Reading, paging: PagingQuery, client_id: UUID | None = None
) -> dict[str, Any]:
    return await list_impersonations(session, client_id, paging)
