"""What payers states: who pays, from which balance, for what, with which documents."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.money import CurrencyCode, Money
from florin_contracts.party import Country, PayerType
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class PayerState(Value):
    """Whom a client's money matters are linked to."""

    id: UUID
    client_id: UUID
    payer_type: Open[PayerType]
    name: str
    country: Country
    email: str
    tax_number: str | None


class PayerCreated(PayerState, Event, type="florin.payers.payer.created.v1"):
    """A client made a payer."""


class AccountState(Value):
    """A client's personal account with one provider, in that provider's currency.

    The balance is no part of it: it follows from payments and expenses, stated themselves.
    """

    id: UUID
    client_id: UUID
    provider_id: UUID
    currency: CurrencyCode


class AccountOpened(AccountState, Event, type="florin.payers.account.opened.v1"):
    """A client got a personal account with a provider."""


class PaymentMethod(StrEnum):
    """How money came in."""

    MANUAL = "manual"


class PaymentState(Value):
    """Money received from a payer, to its client's personal account."""

    id: UUID
    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    account_id: UUID
    invoice_id: UUID
    amount: Money
    method: Open[PaymentMethod]
    received_at: AwareDatetime


class PaymentReceived(PaymentState, Event, type="florin.payers.payment.received.v1"):
    """A payment was recorded and is on the personal account."""


class InvoiceStatus(StrEnum):
    """*issued* until the payments against it reach its total, then *paid*."""

    ISSUED = "issued"
    PAID = "paid"


class InvoiceLine(Value):
    """One thing invoiced."""

    description: str
    amount: Money


class InvoiceState(Value):
    """A company's demand to a payer. `number` is gapless within its company and year."""

    id: UUID
    number: str
    client_id: UUID
    provider_id: UUID
    company_id: UUID
    company_name: str
    payer_id: UUID
    payer_name: str
    order_id: UUID
    lines: tuple[InvoiceLine, ...]
    total: Money
    status: Open[InvoiceStatus]
    issued_at: AwareDatetime


class InvoiceIssued(InvoiceState, Event, type="florin.payers.invoice.issued.v1"):
    """A company invoiced a payer."""


class InvoicePaid(InvoiceState, Event, type="florin.payers.invoice.paid.v1"):
    """The payments against an invoice reached its total."""


class ExpenseState(Value):
    """A charge for a service over a period, to a personal account; `period_end` is exclusive."""

    id: UUID
    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    account_id: UUID
    service_id: UUID
    description: str
    amount: Money
    period_start: AwareDatetime
    period_end: AwareDatetime | None


class ExpenseCharged(ExpenseState, Event, type="florin.payers.expense.charged.v1"):
    """A service's period was charged to the personal account."""
