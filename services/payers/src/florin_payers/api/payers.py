"""`/payers`: whom clients' money matters are linked to."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_payers.api.schemas import NewPayer, PayerAnswer
from florin_payers.models import Payer
from florin_payers.queries.list_rows import list_rows
from florin_payers.use_cases.create_payer import create_payer

router = Router(tags=["payers"])


@router.post("/payers", permission=Permission.PAYERS_WRITE, response_model=PayerAnswer)
async def post_payer(body: NewPayer, begin: BeginTransaction, response: Response) -> Payer:
    return tag(response, await create_payer(**dict(body), begin=begin))


@router.get("/payers", permission=Permission.PAYERS_READ, response_model=Page[PayerAnswer])
async def get_payers(
    session: Reading, paging: PagingQuery, client_id: UUID | None = None
) -> dict[str, Any]:
    return await list_rows(Payer, session, paging, client_id=client_id)


@router.get("/payers/{payer_id}", permission=Permission.PAYERS_READ, response_model=PayerAnswer)
async def get_payer(payer_id: UUID, session: Reading, response: Response) -> Payer:
    return tag(response, await find_one(session, Payer, payer_id))
