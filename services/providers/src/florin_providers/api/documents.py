"""`/companies/{id}/numbering` and `/pictures`: how a company's documents are numbered and look."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_contracts.numbering import DocumentType
from florin_contracts.permissions import Permission
from florin_providers.api.company_schemas import CompanyAnswer
from florin_providers.api.numbering_schemas import NewNumbering, NumberingPreview
from florin_providers.api.pictures import ANSWERED, SENT, IfNoneMatch, SentPicture, shown
from florin_providers.models import Company, Purpose
from florin_providers.queries.find_picture import find_picture
from florin_providers.queries.preview_numbers import preview_numbers
from florin_providers.use_cases.number_documents import number_documents
from florin_providers.use_cases.show_company_picture import show_company_picture

router = Router(tags=["companies"])
PICTURE = "/companies/{company_id}/pictures/{purpose}"
OnDocuments = Literal[Purpose.LOGO, Purpose.STAMP]


@router.put(
    "/companies/{company_id}/numbering",
    permission=Permission.COMPANIES_WRITE,
    response_model=CompanyAnswer,
)
async def put_numbering(
    company_id: UUID,
    body: NewNumbering,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Company:
    templates = body.to_contract()
    return tag(
        response, await number_documents(company_id, templates, body.prefix, expected, begin)
    )


@router.get(
    "/companies/{company_id}/numbering/preview",
    permission=Permission.COMPANIES_READ,
    response_model=NumberingPreview,
)
async def get_numbering_preview(
    company_id: UUID,
    document_type: DocumentType,
    day: Annotated[list[date], Query(min_length=1, max_length=31)],
    session: Reading,
    first: Annotated[int, Query(ge=1, le=10**9)] = 1,
) -> dict[str, Any]:
    days = await preview_numbers(session, company_id, document_type, day, first)
    return {"data": [{"date": shown_day, "numbers": numbers} for shown_day, numbers in days]}


@router.put(
    PICTURE,
    permission=Permission.COMPANIES_WRITE,
    response_model=CompanyAnswer,
    openapi_extra=SENT,
)
async def put_picture(
    company_id: UUID,
    purpose: OnDocuments,
    picture: SentPicture,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Company:
    company = await show_company_picture(company_id, purpose, picture, expected, begin)
    return tag(response, company)


@router.get(
    PICTURE,
    permission=Permission.COMPANIES_READ,
    response_class=Response,
    responses=ANSWERED,
)
async def get_picture(
    company_id: UUID,
    purpose: OnDocuments,
    session: Reading,
    if_none_match: IfNoneMatch = None,
) -> Response:
    return shown(await find_picture(session, Company, company_id, purpose), if_none_match)


@router.delete(PICTURE, permission=Permission.COMPANIES_WRITE)
async def delete_picture(
    company_id: UUID, purpose: OnDocuments, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await show_company_picture(company_id, purpose, None, expected, begin)
