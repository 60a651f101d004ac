"""`/services`: what runs for clients."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_clients.api.schemas import ServiceAnswer
from florin_clients.models import Service
from florin_clients.queries.list_aggregates import list_aggregates
from florin_contracts.permissions import Permission

router = Router(tags=["services"])


@router.get("/services", permission=Permission.SERVICES_READ, response_model=Page[ServiceAnswer])
async def get_services(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_aggregates(session, Service, paging, client=client_id, provider=provider_id)


@router.get(
    "/services/{service_id}", permission=Permission.SERVICES_READ, response_model=ServiceAnswer
)
async def get_service(service_id: UUID, session: Reading, response: Response) -> Service:
    return tag(response, await find_one(session, Service, service_id))
