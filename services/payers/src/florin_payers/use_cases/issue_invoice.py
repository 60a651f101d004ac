"""A company invoices a payer for an order."""

from datetime import UTC, datetime

from florin_chassis.transaction import Transaction
from florin_contracts.clients import OrderState
from florin_contracts.money import Money
from florin_contracts.numbering import DocumentType
from florin_contracts.payers import InvoiceLine, InvoiceStatus
from florin_contracts.providers import CompanyState, ProviderState
from florin_payers.models import Account, Invoice, Payer, take_number
from florin_payers.models.numbers import day_in
from florin_payers.models.plans import describe


async def issue_invoice(
    order: OrderState,
    payer: Payer,
    account: Account,
    provider: ProviderState,
    company: CompanyState,
    transaction: Transaction,
) -> None:
    """Issue it under the company's next number; one over nothing is paid at once."""
    lines = _lines_of(order)
    now = datetime.now(UTC)
    day = day_in(provider.time_zone, now)
    invoice = Invoice(
        number=await take_number(transaction.session, company, DocumentType.INVOICE, day),
        client_id=order.client_id,
        provider_id=provider.id,
        company_id=company.id,
        company_name=company.name,
        payer_id=payer.id,
        payer_name=payer.name,
        account_id=account.id,
        order_id=order.id,
        lines=lines,
        total=Money(minor=sum(x.amount.minor for x in lines), currency=order.price.currency),
        status=InvoiceStatus.ISSUED,
        issued_at=now,
    )
    transaction.add(invoice)
    transaction.emit(invoice.issue())
    if invoice.total.minor == 0:
        transaction.emit(invoice.settle())


def _lines_of(order: OrderState) -> tuple[InvoiceLine, ...]:
    """The first period, and what is paid once beside it."""
    period = describe(order.plan_name, order.period, order.length)
    lines = (InvoiceLine(description=period, amount=order.price),)
    if order.setup_fee is None:
        return lines
    return (*lines, InvoiceLine(description=f"{order.plan_name}, setup", amount=order.setup_fee))
