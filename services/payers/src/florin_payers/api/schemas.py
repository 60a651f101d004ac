"""What the routes take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.money import Money, MoneyInBody
from florin_contracts.party import CountryInBody, PayerType
from florin_contracts.payers import (
    ExpenseState,
    InvoiceState,
    PayerState,
    PaymentMethod,
    PaymentState,
)


def _positive(amount: Money) -> Money:
    if amount.minor <= 0:
        raise ValueError("must be more than zero")
    return amount


class NewPayer(Body):
    """A payer to create. Businesses have a tax number, which is one of their country."""

    client_id: UUID
    payer_type: PayerType
    name: Line
    country: CountryInBody
    email: Email
    tax_number: Line | None = None


class NewPayment(Body):
    """Money that came in for an invoice, in the invoice's currency."""

    invoice_id: UUID
    amount: Annotated[MoneyInBody, AfterValidator(_positive)]
    method: PaymentMethod


class PayerAnswer(Resource, PayerState):
    """A payer."""


class AccountAnswer(Resource):
    """A personal account; `balance` is payments less expenses."""

    client_id: UUID
    provider_id: UUID
    currency: str
    balance: Money


class InvoiceAnswer(Resource, InvoiceState):
    """An invoice."""


class PaymentAnswer(Resource, PaymentState):
    """A payment."""


class ExpenseAnswer(Resource, ExpenseState):
    """An expense."""
