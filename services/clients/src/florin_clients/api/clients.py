"""`/clients`: who buys."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_clients.api.schemas import ClientAnswer
from florin_clients.models import Client
from florin_clients.queries.list_aggregates import list_aggregates
from florin_contracts.permissions import Permission

router = Router(tags=["clients"])


@router.get("/clients", permission=Permission.CLIENTS_READ, response_model=Page[ClientAnswer])
async def get_clients(
    session: Reading, paging: PagingQuery, provider_id: UUID | None = None
) -> dict[str, Any]:
    return await list_aggregates(session, Client, paging, provider=provider_id)


@router.get("/clients/{client_id}", permission=Permission.CLIENTS_READ, response_model=ClientAnswer)
async def get_client(client_id: UUID, session: Reading, response: Response) -> Client:
    return tag(response, await find_one(session, Client, client_id))
