"""What payers states: whom a client pays as, what was invoiced, what was paid."""

from zoneinfo import ZoneInfo

from florin_chassis.road.projections import need_projected
from florin_chassis.transaction import Transaction
from florin_clients.consumers.subscriptions import subscriptions
from florin_clients.use_cases.fulfil_order import fulfil_order
from florin_clients.use_cases.invoice_order import invoice_order
from florin_contracts.payers import InvoiceIssued, InvoicePaid, PayerState
from florin_contracts.providers import ProviderState

subscriptions.project(PayerState)


@subscriptions.on(InvoiceIssued)
async def note_invoice(issued: InvoiceIssued, transaction: Transaction) -> None:
    """Note it on its order."""
    await invoice_order(issued.order_id, issued.id, transaction)


@subscriptions.on(InvoicePaid)
async def begin_service(paid: InvoicePaid, transaction: Transaction) -> None:
    """Activate the ordered service, for a period of the provider's calendar."""
    provider = await need_projected(transaction.session, ProviderState, paid.provider_id)
    await fulfil_order(paid.order_id, paid.id, ZoneInfo(provider.time_zone), transaction)
