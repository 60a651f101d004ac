"""`/providers`: the brands under which services are sold."""

from typing import Any
from uuid import UUID

from fastapi import Response
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission

from florin_providers.api.schemas import NewProvider, ProviderAnswer
from florin_providers.models import Provider
from florin_providers.queries.find_providers import find_provider, list_providers
from florin_providers.use_cases.create_provider import create_provider

router = Router(tags=["providers"])


@router.post(
    "/providers", permission=Permission.PROVIDERS_WRITE, response_model=ProviderAnswer
)
async def post_provider(
    body: NewProvider, begin: BeginTransaction, response: Response
) -> Provider:
    return tag(response, await create_provider(**body.model_dump(), begin=begin))


@router.get(
    "/providers", permission=Permission.PROVIDERS_READ, response_model=Page[ProviderAnswer]
)
async def get_providers(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_providers(session, paging)


@router.get(
    "/providers/{provider_id}",
    permission=Permission.PROVIDERS_READ,
    response_model=ProviderAnswer,
)
async def get_provider(provider_id: UUID, session: Reading, response: Response) -> Provider:
    return tag(response, await find_provider(session, provider_id))
