"""`/payments`: money that came in."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_payers.api.schemas import NewPayment, PaymentAnswer
from florin_payers.models import Payment
from florin_payers.queries.list_rows import list_rows
from florin_payers.use_cases.record_payment import record_payment

router = Router(tags=["payments"])


@router.post("/payments", permission=Permission.PAYMENTS_RECORD, response_model=PaymentAnswer)
async def post_payment(body: NewPayment, begin: BeginTransaction, response: Response) -> Payment:
    return tag(response, await record_payment(**dict(body), begin=begin))


@router.get("/payments", permission=Permission.PAYMENTS_READ, response_model=Page[PaymentAnswer])
async def get_payments(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_rows(Payment, session, paging, client_id=client_id, provider_id=provider_id)
