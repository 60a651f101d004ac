"""An employee records money that came in for an invoice."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.money import Money
from florin_contracts.payers import PaymentMethod
from florin_payers.models import Book, Holder, Invoice, Payment, post


async def record_payment(
    invoice_id: UUID, amount: Money, method: PaymentMethod, begin: Begin
) -> Payment:
    """Raises `NotFound`, `InvoicePaidAlready`, `ForeignCurrency` or `Overpayment`.

    The invoice stays locked until the payment is committed, so that two cannot overpay it together.
    """
    async with begin() as transaction:
        invoice = await transaction.get(Invoice, invoice_id)
        settles = invoice.accept(amount, await _received_minor(invoice, transaction))
        payment = _payment_for(invoice, amount, method)
        transaction.add(payment)
        transaction.emit(payment.receive())
        await post(
            transaction.session,
            payment.id,
            amount,
            source=Holder(Book.RECEIPTS, invoice.provider_id),
            target=Holder(Book.PERSONAL, invoice.account_id),
        )
        if settles:
            transaction.emit(invoice.settle())
    return payment


async def _received_minor(invoice: Invoice, transaction: Transaction) -> int:
    payments = select(func.sum(Payment.amount_minor)).where(Payment.invoice_id == invoice.id)
    return int(await transaction.session.scalar(payments) or 0)


def _payment_for(invoice: Invoice, amount: Money, method: PaymentMethod) -> Payment:
    return Payment(
        client_id=invoice.client_id,
        provider_id=invoice.provider_id,
        payer_id=invoice.payer_id,
        account_id=invoice.account_id,
        invoice_id=invoice.id,
        amount=amount,
        method=method,
        received_at=datetime.now(UTC),
    )
