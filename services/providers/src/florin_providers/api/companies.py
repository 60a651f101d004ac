"""`/companies`: the legal entities to which accounting documents are linked."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.company_schemas import CompanyAnswer, CompanyChanges, NewCompany
from florin_providers.models import Company
from florin_providers.queries.list_companies import list_companies
from florin_providers.use_cases.archive_company import archive_company
from florin_providers.use_cases.change_company import change_company
from florin_providers.use_cases.create_company import create_company
from florin_providers.use_cases.link_company import link_company
from florin_providers.use_cases.unlink_company import unlink_company

router = Router(tags=["companies"])
LINK = "/companies/{company_id}/providers/{provider_id}"


@router.post("/companies", permission=Permission.COMPANIES_WRITE, response_model=CompanyAnswer)
async def post_company(body: NewCompany, begin: BeginTransaction, response: Response) -> Company:
    return tag(response, await create_company(**body.columns(), begin=begin))


@router.get("/companies", permission=Permission.COMPANIES_READ, response_model=Page[CompanyAnswer])
async def get_companies(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_companies(session, paging)


@router.get(
    "/companies/{company_id}",
    permission=Permission.COMPANIES_READ,
    response_model=CompanyAnswer,
)
async def get_company(company_id: UUID, session: Reading, response: Response) -> Company:
    return tag(response, await find_one(session, Company, company_id))


@router.patch(
    "/companies/{company_id}",
    permission=Permission.COMPANIES_WRITE,
    response_model=CompanyAnswer,
)
async def patch_company(
    company_id: UUID,
    body: CompanyChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Company:
    return tag(response, await change_company(company_id, body.columns(), expected, begin))


@router.delete("/companies/{company_id}", permission=Permission.COMPANIES_WRITE)
async def delete_company(
    company_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await archive_company(company_id, expected, begin)


@router.put(LINK, permission=Permission.COMPANIES_WRITE, response_model=CompanyAnswer)
async def put_link(
    company_id: UUID, provider_id: UUID, begin: BeginTransaction, response: Response
) -> Company:
    return tag(response, await link_company(company_id, provider_id, begin, suspended=False))


@router.post(
    LINK + "/suspend",
    permission=Permission.COMPANIES_WRITE,
    response_model=CompanyAnswer,
    status_code=200,
)
async def post_suspend(
    company_id: UUID, provider_id: UUID, begin: BeginTransaction, response: Response
) -> Company:
    return tag(response, await link_company(company_id, provider_id, begin, suspended=True))


@router.post(
    LINK + "/resume",
    permission=Permission.COMPANIES_WRITE,
    response_model=CompanyAnswer,
    status_code=200,
)
async def post_resume(
    company_id: UUID, provider_id: UUID, begin: BeginTransaction, response: Response
) -> Company:
    return tag(response, await link_company(company_id, provider_id, begin, suspended=False))


@router.delete(LINK, permission=Permission.COMPANIES_WRITE)
async def delete_link(company_id: UUID, provider_id: UUID, begin: BeginTransaction) -> None:
    await unlink_company(company_id, provider_id, begin)
