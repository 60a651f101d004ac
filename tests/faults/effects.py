"""What must follow from what: the effects that services have on each other's events."""

from typing import Final, NamedTuple

from florin_contracts.clients import (
    ClientRegistered,
    ClientUserAdded,
    OrderFulfilled,
    OrderInvoiced,
    OrderPlaced,
    RequestOpened,
    ServiceActivated,
)
from florin_contracts.identity import UserRegistered
from florin_contracts.payers import (
    AccountOpened,
    ExpenseCharged,
    InvoiceIssued,
    InvoicePaid,
    PayerCreated,
    PaymentReceived,
)
from florin_contracts.providers import DepartmentCreated


class Effect(NamedTuple):
    """An event of the first type is followed, in another service, by exactly one of the second."""

    cause: str
    effect: str


EFFECTS: Final = tuple(
    Effect(cause.type, effect.type)
    for cause, effect in (
        (UserRegistered, ClientRegistered),
        (UserRegistered, ClientUserAdded),
        (ClientRegistered, AccountOpened),
        (OrderPlaced, InvoiceIssued),
        (InvoiceIssued, OrderInvoiced),
        (InvoicePaid, OrderFulfilled),
        (InvoicePaid, ServiceActivated),
        (ServiceActivated, ExpenseCharged),
    )
)

CREATED_BY: Final = {
    "register": UserRegistered.type,
    "make payer": PayerCreated.type,
    "order": OrderPlaced.type,
    "pay": PaymentReceived.type,
    "ask support": RequestOpened.type,
    "set up department": DepartmentCreated.type,
}
"""Which event each kind of write states of the aggregate that it makes."""

TOGETHER: Final = {DepartmentCreated.type: 2}
"""How many of a kind one event makes: Sales and Technical support, with the administrator."""
