"""`/invoices`: what companies demand of payers."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_payers.api.schemas import InvoiceAnswer
from florin_payers.models import Invoice
from florin_payers.queries.list_rows import list_rows

router = Router(tags=["invoices"])


@router.get("/invoices", permission=Permission.INVOICES_READ, response_model=Page[InvoiceAnswer])
async def get_invoices(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
    order_id: UUID | None = None,
) -> dict[str, Any]:
    owners = {"client_id": client_id, "provider_id": provider_id, "order_id": order_id}
    return await list_rows(Invoice, session, paging, **owners)


@router.get(
    "/invoices/{invoice_id}", permission=Permission.INVOICES_READ, response_model=InvoiceAnswer
)
async def get_invoice(invoice_id: UUID, session: Reading, response: Response) -> Invoice:
    return tag(response, await find_one(session, Invoice, invoice_id))
