"""`/providers`: the brands under which services are sold, and which company serves whom."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.party import CountryInBody, PayerType
from florin_contracts.permissions import Permission
from florin_providers.api.condition_schemas import ConditionsAnswer, NewConditions
from florin_providers.api.provider_schemas import (
    NewCurrency,
    NewProvider,
    ProviderAnswer,
    ProviderChanges,
)
from florin_providers.models import CompanyChoice, Provider
from florin_providers.queries.explain_company_choice import explain_company_choice
from florin_providers.queries.list_providers import list_providers
from florin_providers.use_cases.archive_provider import archive_provider
from florin_providers.use_cases.change_currency import change_currency
from florin_providers.use_cases.change_provider import change_provider
from florin_providers.use_cases.create_provider import create_provider
from florin_providers.use_cases.reevaluate_conditions import reevaluate_conditions
from florin_providers.use_cases.replace_service_conditions import replace_service_conditions

router = Router(tags=["providers"])


@router.post("/providers", permission=Permission.PROVIDERS_WRITE, response_model=ProviderAnswer)
async def post_provider(body: NewProvider, begin: BeginTransaction, response: Response) -> Provider:
    return tag(response, await create_provider(**body.columns(), begin=begin))


@router.get("/providers", permission=Permission.PROVIDERS_READ, response_model=Page[ProviderAnswer])
async def get_providers(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_providers(session, paging)


@router.get(
    "/providers/{provider_id}",
    permission=Permission.PROVIDERS_READ,
    response_model=ProviderAnswer,
)
async def get_provider(provider_id: UUID, session: Reading, response: Response) -> Provider:
    return tag(response, await find_one(session, Provider, provider_id))


@router.patch(
    "/providers/{provider_id}",
    permission=Permission.PROVIDERS_WRITE,
    response_model=ProviderAnswer,
)
async def patch_provider(
    provider_id: UUID,
    body: ProviderChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Provider:
    return tag(response, await change_provider(provider_id, body.columns(), expected, begin))


@router.put(
    "/providers/{provider_id}/currency",
    permission=Permission.PROVIDERS_WRITE,
    response_model=ProviderAnswer,
)
async def put_currency(
    provider_id: UUID,
    body: NewCurrency,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Provider:
    return tag(response, await change_currency(provider_id, body.currency, expected, begin))


@router.delete("/providers/{provider_id}", permission=Permission.PROVIDERS_WRITE)
async def delete_provider(
    provider_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await archive_provider(provider_id, expected, begin)


@router.put(
    "/providers/{provider_id}/service-conditions",
    permission=Permission.PROVIDERS_WRITE,
    response_model=ConditionsAnswer,
)
async def put_service_conditions(
    provider_id: UUID,
    body: NewConditions,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ConditionsAnswer:
    conditions = body.to_contract()
    provider = await replace_service_conditions(provider_id, conditions, expected, begin)
    return ConditionsAnswer.of(tag(response, provider))


@router.get(
    "/providers/{provider_id}/service-conditions",
    permission=Permission.PROVIDERS_READ,
    response_model=ConditionsAnswer,
)
async def get_service_conditions(
    provider_id: UUID, session: Reading, response: Response
) -> ConditionsAnswer:
    return ConditionsAnswer.of(tag(response, await find_one(session, Provider, provider_id)))


@router.post(
    "/providers/{provider_id}/service-conditions/reevaluate",
    permission=Permission.PROVIDERS_WRITE,
    response_model=ProviderAnswer,
    status_code=200,
)
async def post_reevaluation(
    provider_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, response: Response
) -> Provider:
    return tag(response, await reevaluate_conditions(provider_id, expected, begin))


@router.get(
    "/providers/{provider_id}/company-choice",
    permission=Permission.PROVIDERS_READ,
    response_model=CompanyChoice,
)
async def get_company_choice(
    provider_id: UUID, country: CountryInBody, payer_type: PayerType, session: Reading
) -> CompanyChoice:
    return await explain_company_choice(session, provider_id, country, payer_type)
