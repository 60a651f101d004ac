"""`/requests`: what clients ask support, and what they are answered."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_clients.api.schemas import NewAnswer, NewRequest, RequestAnswer, RequestSummary
from florin_clients.models import Request
from florin_clients.queries.find_requests import find_request
from florin_clients.queries.list_aggregates import list_aggregates
from florin_clients.use_cases.answer_request import answer_request
from florin_clients.use_cases.open_request import open_request
from florin_contracts.permissions import Permission

router = Router(tags=["requests"])


@router.post("/requests", permission=Permission.SUPPORT_REQUEST, response_model=RequestAnswer)
async def post_request(body: NewRequest, begin: BeginTransaction, response: Response) -> Request:
    return tag(response, await open_request(**body.model_dump(), begin=begin))


@router.get("/requests", permission=Permission.SUPPORT_READ, response_model=Page[RequestSummary])
async def get_requests(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_aggregates(session, Request, paging, client=client_id, provider=provider_id)


@router.get(
    "/requests/{request_id}", permission=Permission.SUPPORT_READ, response_model=RequestAnswer
)
async def get_request(request_id: UUID, session: Reading, response: Response) -> Request:
    return tag(response, await find_request(session, request_id))


@router.post(
    "/requests/{request_id}/answers",
    permission=Permission.SUPPORT_HANDLE,
    response_model=RequestAnswer,
)
async def post_answer(
    request_id: UUID,
    body: NewAnswer,
    expected_version: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Request:
    return tag(response, await answer_request(request_id, body.text, expected_version, begin))
