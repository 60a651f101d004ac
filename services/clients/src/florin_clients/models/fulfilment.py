"""What a paid invoice causes: the order is fulfilled, its service runs, the client is active."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from florin_chassis.orm import Fact
from florin_clients.models.client import Client
from florin_clients.models.order import Order
from florin_clients.models.service import Service
from florin_contracts.clients import OrderStatus


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """An order, its service and its client, which change together."""

    order: Order
    service: Service
    client: Client

    def pay(self, invoice_id: UUID, at: datetime, zone: tzinfo) -> list[Fact]:
        """The facts in the order in which they are stated; none when it was paid before.

        A payment that is heard of before its invoice tells of both.
        """
        if self.order.status is OrderStatus.FULFILLED:
            return []
        return [
            *self.order.invoice(invoice_id),
            self.service.activate(at, zone),
            self.order.fulfil(),
            *self.client.activate(),
        ]
