"""A service: the running thing that an order became."""

from datetime import datetime, tzinfo
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_clients.models.order import Order
from florin_clients.models.periods import end_of_period
from florin_contracts.clients import ServiceActivated, ServiceOrdered, ServiceStatus
from florin_contracts.money import Money
from florin_contracts.providers.offers import BillingPeriod, PeriodLength


class Service(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.ServiceState`."""

    __tablename__ = "services"
    __table_args__ = (Index(None, "client_id", "id"), Index(None, "provider_id", "id"))
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    # Deferred, because an order and its service are written in one transaction, in any order.
    order_id: Mapped[UUID] = mapped_column(
        ForeignKey("orders.id", deferrable=True, initially="DEFERRED")
    )
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    provider_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    plan_name: Mapped[str]
    period: Mapped[BillingPeriod]
    length: Mapped[PeriodLength | None] = mapped_column(ValueColumn(PeriodLength))
    price: Mapped[Money] = mapped_column(ValueColumn(Money))
    status: Mapped[ServiceStatus]
    activated_at: Mapped[datetime | None]
    paid_until: Mapped[datetime | None]

    @classmethod
    def of(cls, order: Order) -> Self:
        """The service that an order will become."""
        return cls(
            id=order.service_id,
            order_id=order.id,
            client_id=order.client_id,
            provider_id=order.provider_id,
            payer_id=order.payer_id,
            plan_id=order.plan_id,
            plan_name=order.plan_name,
            period=order.period,
            length=order.length,
            price=order.price,
            status=ServiceStatus.ORDERED,
            activated_at=None,
            paid_until=None,
        )

    def order(self) -> Fact:
        """Wait for the payment."""
        return self.fact(ServiceOrdered)

    def activate(self, at: datetime, zone: tzinfo) -> Fact:
        """Run from `at`, for one period as it is counted in the provider's time zone."""
        self.status, self.activated_at = ServiceStatus.ACTIVE, at
        self.paid_until = end_of_period(at, self.period, zone, self.length)
        return self.fact(ServiceActivated)
