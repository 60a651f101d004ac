"""The steps of those who watch: the client's view, entering as the client, hearing Kafka."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from florin_contracts.clients import (
    ClientActivated,
    ClientJoinedProvider,
    ClientRegistered,
    ClientUserAdded,
    OrderFulfilled,
    OrderInvoiced,
    OrderPlaced,
    RequestAnswered,
    RequestOpened,
    ServiceActivated,
    ServiceOrdered,
)
from florin_contracts.identity import (
    AccessGranted,
    ImpersonationStarted,
    SessionStarted,
    UserActivated,
    UserInvited,
    UserRegistered,
)
from florin_contracts.payers import (
    AccountOpened,
    ExpenseCharged,
    InvoiceIssued,
    InvoicePaid,
    PayerCompanyChosen,
    PayerCreated,
    PaymentReceived,
)
from florin_contracts.providers import (
    CompanyCreated,
    DepartmentCreated,
    EmployeeInvited,
    EmployeeJoined,
    ProviderCreated,
    ServiceConditionsChanged,
)
from florin_contracts.providers.catalogue import ProductCreated
from florin_local.demo.api import Json, Person
from florin_local.demo.checks import expect, expect_one, until
from florin_local.demo.listener import Record, in_words, listen
from florin_local.demo.tale import Tale
from florin_local.demo.tale import in_words as money_in_words

ONCE = (
    DepartmentCreated,
    EmployeeInvited,
    EmployeeJoined,
    UserInvited,
    UserActivated,
    UserRegistered,
    ClientRegistered,
    ClientUserAdded,
    ClientJoinedProvider,
    ClientActivated,
    RequestOpened,
    RequestAnswered,
    ImpersonationStarted,
)
FOR_EACH_PROVIDER = (
    ProviderCreated,
    CompanyCreated,
    ServiceConditionsChanged,
    ProductCreated,
    AccountOpened,
    OrderPlaced,
    ServiceOrdered,
    PayerCompanyChosen,
    InvoiceIssued,
    OrderInvoiced,
    PaymentReceived,
    InvoicePaid,
    ServiceActivated,
    OrderFulfilled,
    ExpenseCharged,
)
OF_THE_ADMINISTRATOR = (
    UserInvited,
    EmployeeInvited,
    UserActivated,
    EmployeeJoined,
    AccessGranted,
)
_REASON = "The client asked by phone to add a payer"


def the_administrator_sees_expense_and_payment(tale: Tale) -> list[str]:
    """The administrator sees the expense and the payment in the client's view."""

    def look() -> list[str]:
        view = tale.administrator.get(f"/clients/{tale.client_id}/overview")
        expect("what is missing in the client's view", view["unavailable"] + view["withheld"], [])
        payment = expect_one("the payments in the client's view", view["payments"]["data"])
        expense = expect_one("the expenses in the client's view", view["expenses"]["data"])
        expect("the payment's amount", payment["amount"], tale.invoice["total"])
        expect("the expense's amount", expense["amount"], tale.order["price"])
        return [
            f"payment {money_in_words(payment['amount'])}",
            f"expense {money_in_words(expense['amount'])}: {expense['description']}",
        ]

    return until(look)


def the_administrator_enters_as_the_client(tale: Tale) -> list[str]:
    """The administrator enters as the client, for a reason, and makes a payer in its name."""
    token: Json = until(lambda: tale.administrator.act_as(tale.client_id, _REASON))
    entered = Person.by_token(tale.gateway, token["access_token"], token["expires_in"])
    payer = {
        "client_id": tale.client_id,
        "payer_type": "sole_trader",
        "name": "Boris Vega",
        "country": "RU",
        "email": tale.client.email,
        "tax_number": "500100732259",
    }
    tale.payers["sole_trader"] = entered.post("/payers", payer)
    again = entered.try_to_act_as(tale.client_id, _REASON)
    expect("entering once more from within", again.status, 403)
    refused = entered.get("/employees", 403)
    return [
        f"payer {tale.payers['sole_trader']['name']} made",
        f"entering once more: 403 {again.body['code']}",
        f"GET /employees: 403 {refused['code']}",
    ]


def an_outside_consumer_tells_the_story(tale: Tale) -> list[str]:
    """A consumer with only the contracts hears it all from Kafka, in order, each event once."""
    wanted = _wanted_counts(tale)
    record = asyncio.run(
        listen(
            tale.kafka_bootstrap,
            _subjects(tale),
            enough=lambda heard: all(heard[kind] >= count for kind, count in wanted.items()),
        )
    )
    tale.duplicates = record.duplicates
    expect("faults in the order of the events", record.faults(), [])
    # How often somebody signed in depends on how often an answer was lost on its way.
    for kind in sorted(wanted.keys() | record.counts.keys() - {SessionStarted.type}):
        expect(f"how often {kind} was stated", record.counts[kind], wanted.get(kind, 0))
    _expect_both_named(tale, record)
    summary = f"{len(record.heard)} events, {record.duplicates} delivered again and dropped"
    return [*map(in_words, record.in_order()), summary]


def _wanted_counts(tale: Tale) -> Mapping[str, int]:
    counts = {event.type: 1 for event in ONCE}
    counts |= {event.type: 2 for event in FOR_EACH_PROVIDER}
    counts[PayerCreated.type] = len(tale.payers)
    counts[AccessGranted.type] = 2  # the employee's and the client's
    if tale.installed_now:
        for event in OF_THE_ADMINISTRATOR:
            counts[event.type] += 1
    return counts


def _subjects(tale: Tale) -> set[UUID]:
    """What this telling made: an administrator of an earlier day is no part of it."""
    administrator = UUID(tale.administrator.get("/me")["user_id"])
    return tale.gateway.ids - (set() if tale.installed_now else {administrator})


def _expect_both_named(tale: Tale, record: Record) -> None:
    """What the administrator did as the client names both, and the reason."""
    made_as_client = UUID(tale.payers["sole_trader"]["id"])
    stated = [h.envelope for h in record.in_order() if h.envelope.subject == made_as_client]
    envelope = expect_one("the events of the payer made as the client", stated)
    administrator = tale.administrator.get("/me")["user_id"]
    expect("the event's actor", envelope.actor, f"user/{administrator}")
    expect("on whose behalf", envelope.onbehalfof, f"client/{tale.client_id}")
    expect("for which reason", envelope.reason, _REASON)
