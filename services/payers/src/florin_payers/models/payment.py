"""A payment: money received from a payer, to its client's personal account."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.payers import PaymentMethod, PaymentReceived
from florin_payers.models.amounts import Amounted
from florin_payers.models.base import Base


class Payment(Amounted, Aggregate, Tenanted, Base):
    """See `florin_contracts.payers.PaymentState`."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "client_id", "id"),
        Index(None, "provider_id", "id"),
    )
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    client_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    account_id: Mapped[UUID]
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoices.id"), index=True)
    method: Mapped[PaymentMethod]
    received_at: Mapped[datetime]

    def receive(self) -> Fact:
        """Be on the personal account."""
        return self.fact(PaymentReceived)
