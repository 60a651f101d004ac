"""`/companies`: the legal entities to which accounting documents are linked."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.schemas import CompanyAnswer, NewCompany
from florin_providers.models import Company
from florin_providers.queries.list_companies import list_companies
from florin_providers.use_cases.create_company import create_company

router = Router(tags=["companies"])


@router.post("/companies", permission=Permission.COMPANIES_WRITE, response_model=CompanyAnswer)
async def post_company(body: NewCompany, begin: BeginTransaction, response: Response) -> Company:
    return tag(response, await create_company(**body.model_dump(), begin=begin))


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
