"""A paid order's service begins to run, and with it its client is active."""

from datetime import UTC, datetime, tzinfo
from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_clients.models import Client, Fulfilment, Order, Service


async def fulfil_order(
    order_id: UUID, invoice_id: UUID, zone: tzinfo, transaction: Transaction
) -> None:
    """Nothing when the order is fulfilled already. Raises `NotFound`.

    The paid period begins now, not when the money came: the client pays for the time it is served.
    """
    order = await transaction.get(Order, order_id)
    service = await transaction.get(Service, order.service_id)
    client = await transaction.get(Client, order.client_id)
    fulfilment = Fulfilment(order, service, client)
    transaction.emit(*fulfilment.pay(invoice_id, datetime.now(UTC), zone))
