"""An order: what a client asked for, at the price it had then."""

from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.ids import new_id
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_clients.models.offer import Terms
from florin_contracts.clients import OrderFulfilled, OrderInvoiced, OrderPlaced, OrderStatus
from florin_contracts.money import Money
from florin_contracts.providers.offers import BillingPeriod, PeriodLength


class Order(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.OrderState`."""

    __tablename__ = "orders"
    __table_args__ = (Index(None, "client_id", "id"), Index(None, "provider_id", "id"))
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    provider_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    product_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    plan_name: Mapped[str]
    period: Mapped[BillingPeriod]
    length: Mapped[PeriodLength | None] = mapped_column(ValueColumn(PeriodLength))
    price: Mapped[Money] = mapped_column(ValueColumn(Money))
    setup_fee: Mapped[Money | None] = mapped_column(ValueColumn(Money))
    status: Mapped[OrderStatus]
    service_id: Mapped[UUID]
    invoice_id: Mapped[UUID | None]

    @classmethod
    def on(cls, terms: Terms, client_id: UUID) -> Self:
        """An order on these terms, with the id that its service will have."""
        return cls(
            client_id=client_id,
            provider_id=terms.provider_id,
            payer_id=terms.payer_id,
            product_id=terms.product_id,
            plan_id=terms.plan.id,
            plan_name=terms.plan.name,
            period=terms.price.period,
            length=terms.price.length,
            price=terms.price.price,
            setup_fee=terms.price.setup_fee,
            status=OrderStatus.PLACED,
            service_id=new_id(),
            invoice_id=None,
        )

    def place(self) -> Fact:
        """Ask for the plan."""
        return self.fact(OrderPlaced)

    def invoice(self, invoice_id: UUID) -> list[Fact]:
        """Note the order's invoice; nothing when it has one already."""
        if self.status is not OrderStatus.PLACED:
            return []
        self.status, self.invoice_id = OrderStatus.INVOICED, invoice_id
        return [self.fact(OrderInvoiced)]

    def fulfil(self) -> Fact:
        """Be done: paid for, and its service active."""
        self.status = OrderStatus.FULFILLED
        return self.fact(OrderFulfilled)
