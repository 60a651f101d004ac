"""An order's invoice was issued."""

from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_clients.models import Order


async def invoice_order(order_id: UUID, invoice_id: UUID, transaction: Transaction) -> None:
    """Nothing when the order is invoiced already. Raises `NotFound`."""
    order = await transaction.get(Order, order_id)
    transaction.emit(*order.invoice(invoice_id))
