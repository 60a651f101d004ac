"""What payers states: who pays, from which balance, for what, with which documents."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.money import CurrencyCode, Money
from florin_contracts.party import Country, PayerType
from florin_contracts.providers.provider import ProviderState
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ServingCompany(Value):
    """Which company a payer's documents come from at a provider, once it was chosen."""

    provider_id: UUID
    """Whose goods are invoiced."""
    company_id: UUID
    """The company that invoices them."""
    evaluation: int
    """The `evaluation` of the provider that the choice counts for; a later one has it made anew."""


def company_kept(companies: Iterable[ServingCompany], provider: ProviderState) -> UUID | None:
    """Who invoices there, unless the provider has asked for another choice since.

    It is kept as long as it serves the provider: what its own state says.
    """
    chosen = (c for c in companies if c.provider_id == provider.id)
    return next((c.company_id for c in chosen if c.evaluation >= provider.evaluation), None)


class PayerState(Value):
    """Whom a client's money matters are linked to."""

    id: UUID
    """The payer."""
    client_id: UUID
    """The client whose money matters it takes on."""
    payer_type: Open[PayerType]
    name: str
    """Its name as documents spell it."""
    country: Country
    """The country whose rules of invoicing apply."""
    email: str
    """Where financial notices go."""
    tax_number: str | None
    """Its tax number; none where the country or type has none."""
    companies: tuple[ServingCompany, ...] = ()
    """Who invoices it: chosen with its first document at a provider, and kept."""


class PayerCreated(PayerState, Event, type="florin.payers.payer.created.v1"):
    """A client made a payer."""


class PayerCompanyChosen(PayerState, Event, type="florin.payers.payer.company-chosen.v1"):
    """A payer's documents at a provider come from this company from now on."""

    provider_id: UUID
    """The provider; also in `companies`."""
    company_id: UUID
    """The company; also in `companies`."""


class AccountState(Value):
    """A client's personal account with one provider, in a currency that it sells or sold in.

    The balance is no part of it: it follows from payments and expenses, stated themselves.
    """

    id: UUID
    """The account."""
    client_id: UUID
    """Whose account it is."""
    provider_id: UUID
    """With which provider."""
    currency: CurrencyCode
    """The provider's currency when it was opened."""


class AccountOpened(AccountState, Event, type="florin.payers.account.opened.v1"):
    """A client got a personal account with a provider."""


class PaymentMethod(StrEnum):
    """How money came in."""

    MANUAL = "manual"


class PaymentState(Value):
    """Money received from a payer, to its client's personal account."""

    id: UUID
    """The payment."""
    client_id: UUID
    """Whose payment it is."""
    provider_id: UUID
    """Which provider is paid."""
    payer_id: UUID
    """Who paid."""
    account_id: UUID
    """The personal account that it is on."""
    invoice_id: UUID
    """The invoice that it is against."""
    amount: Money
    """How much."""
    method: Open[PaymentMethod]
    received_at: AwareDatetime
    """When it was received."""


class PaymentReceived(PaymentState, Event, type="florin.payers.payment.received.v1"):
    """A payment was recorded and is on the personal account."""


class InvoiceStatus(StrEnum):
    """*issued* until the payments against it reach its total, then *paid*."""

    ISSUED = "issued"
    PAID = "paid"


class InvoiceLine(Value):
    """One thing invoiced."""

    description: str
    """What is invoiced, in words."""
    amount: Money
    """For how much."""


class InvoiceState(Value):
    """A company's demand to a payer. `number` is gapless within its company's numbering period."""

    id: UUID
    """The invoice."""
    number: str
    """Its number by the company's template: gapless within the period that it counts in."""
    client_id: UUID
    """Whose invoice it is."""
    provider_id: UUID
    """Whose goods are invoiced."""
    company_id: UUID
    """The company that demands."""
    company_name: str
    """The company's name on the day of issue."""
    payer_id: UUID
    """Who is to pay."""
    payer_name: str
    """The payer's name on the day of issue."""
    order_id: UUID
    """The order that it is for."""
    lines: tuple[InvoiceLine, ...]
    """What is invoiced, one thing each."""
    total: Money
    """The sum of the lines."""
    status: Open[InvoiceStatus]
    issued_at: AwareDatetime
    """When it was issued."""


class InvoiceIssued(InvoiceState, Event, type="florin.payers.invoice.issued.v1"):
    """A company invoiced a payer."""


class InvoicePaid(InvoiceState, Event, type="florin.payers.invoice.paid.v1"):
    """The payments against an invoice reached its total."""


class ExpenseState(Value):
    """A charge for a service over a period, to a personal account; `period_end` is exclusive."""

    id: UUID
    """The charge."""
    client_id: UUID
    """Who is charged."""
    provider_id: UUID
    """Whose service it is for."""
    payer_id: UUID
    """Who is invoiced for the service."""
    account_id: UUID
    """The personal account that is charged."""
    service_id: UUID
    """The service."""
    description: str
    """What is charged, in words."""
    amount: Money
    """How much."""
    period_start: AwareDatetime
    """The first moment of the period."""
    period_end: AwareDatetime | None
    """The end of the period, exclusive; none for a one-off."""


class ExpenseCharged(ExpenseState, Event, type="florin.payers.expense.charged.v1"):
    """A service's period was charged to the personal account."""
