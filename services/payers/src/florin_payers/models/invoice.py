"""An invoice: a company's demand to a payer, paid when the payments against it reach its total."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import ConcurrentChange, Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.money import Money
from florin_contracts.payers import InvoiceIssued, InvoiceLine, InvoicePaid, InvoiceStatus
from florin_payers.models.base import Base


class ForeignCurrency(Refusal):
    """The amount is in another currency than what it is for."""

    code = "foreign_currency"


class InvoicePaidAlready(Refusal):
    """The invoice is paid in full; nothing is open on it."""

    code = "invoice_paid_already"


class Overpayment(Refusal):
    """The payment is more than what is open on the invoice."""

    code = "overpayment"


class Invoice(Aggregate, Tenanted, Base):
    """See `florin_contracts.payers.InvoiceState`. `account_id` is where its payments go."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("order_id"),
        Index(None, "client_id", "id"),
        Index(None, "provider_id", "id"),
    )
    __refusals__: ClassVar = {"uq_invoices_order_id": ConcurrentChange}
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    number: Mapped[str]
    client_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    company_id: Mapped[UUID]
    company_name: Mapped[str]
    payer_id: Mapped[UUID] = mapped_column(ForeignKey("payers.id"))
    payer_name: Mapped[str]
    account_id: Mapped[UUID]
    order_id: Mapped[UUID]
    lines: Mapped[tuple[InvoiceLine, ...]] = mapped_column(ValueColumn(tuple[InvoiceLine, ...]))
    total: Mapped[Money] = mapped_column(ValueColumn(Money))
    status: Mapped[InvoiceStatus]
    issued_at: Mapped[datetime]

    def issue(self) -> Fact:
        """Demand the total."""
        return self.fact(InvoiceIssued)

    def accept(self, amount: Money, received_minor: int) -> bool:
        """Whether a payment settles the invoice, after `received_minor` of earlier payments.

        Raises `InvoicePaidAlready`, `ForeignCurrency` or `Overpayment`.
        """
        if self.status is InvoiceStatus.PAID:
            raise InvoicePaidAlready(f"invoice {self.number} is paid in full")
        if amount.currency != self.total.currency:
            raise ForeignCurrency(f"the invoice is in {self.total.currency}, not {amount.currency}")
        left = Money(minor=self.total.minor - received_minor, currency=amount.currency)
        if amount.minor > left.minor:
            raise Overpayment(f"{left.amount} {left.currency} is open", open=left.model_dump())
        return amount == left

    def settle(self) -> Fact:
        """Become paid: the payments have reached the total."""
        if self.status is InvoiceStatus.PAID:
            raise InvoicePaidAlready(f"invoice {self.number} is paid in full")
        self.status = InvoiceStatus.PAID
        return self.fact(InvoicePaid)
