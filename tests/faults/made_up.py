"""A small run in which everything went well, made up for the tests of the checker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.faults.evidence import (
    Balance,
    Books,
    Evidence,
    KeptAnswer,
    Posting,
    Projection,
    ServiceEvidence,
    StatedEvent,
    Vitals,
)
from tests.faults.history import Attempt, History, Operation, Outcome
from tests.shared.databases import Stated

from florin_contracts.clients import OrderInvoiced, OrderPlaced
from florin_contracts.payers import InvoiceIssued, PaymentReceived

ORDER, INVOICE, PAYMENT = UUID(int=1), UUID(int=2), UUID(int=3)
ACCOUNT, CLIENT = UUID(int=4), UUID(int=5)
PLACED, ISSUED, INVOICED, RECEIVED = (UUID(int=number) for number in range(11, 15))
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def event(kind: type, stated: Stated, cause: UUID | None = None) -> StatedEvent:
    """An event of this kind, a second after the one with the id before it."""
    return StatedEvent(
        topic=kind.topic,  # type: ignore[attr-defined]
        type=kind.type,  # type: ignore[attr-defined]
        stated=stated,
        cause=cause,
        actor="user/1",
        at=moment(stated.event_id),
        data={},
    )


def moment(event_id: UUID) -> datetime:
    """When the event of this id was stated, and received."""
    return _BEGAN + timedelta(seconds=event_id.int)


def attempt(key: str = "order-key", **changes: Any) -> Attempt:
    """An order that was acknowledged at once."""
    placed = Attempt(
        key=key,
        kind="order",
        started=1.0,
        ended=1.1,
        outcome=Outcome.OK,
        status=201,
        body={"id": str(ORDER), "client_id": str(CLIENT)},
        fault="none",
        client=str(CLIENT),
    )
    return replace(placed, **changes)


def payment(**changes: Any) -> Attempt:
    """A payment that was acknowledged at once."""
    body = {"id": str(PAYMENT)}
    return attempt("payment-key", kind="pay", body=body, client="", started=2.0, **changes)


def history(*more: Attempt) -> History:
    """An order and a payment, each acknowledged; and whatever else is given."""
    return History([attempt(), payment(), *more])


def kept(asked: Attempt) -> KeptAnswer:
    """The answer to this attempt as a service keeps it."""
    return KeptAnswer(Operation(asked.key, (asked,)).digest, asked.status or 0, asked.body)


def clients(**changes: Any) -> ServiceEvidence:
    """The clients service: an order was placed, then invoiced."""
    stated = [Stated(ORDER, 1, PLACED), Stated(ORDER, 2, INVOICED)]
    return replace(
        ServiceEvidence(
            events=[event(OrderPlaced, stated[0]), event(OrderInvoiced, stated[1], cause=ISSUED)],
            audit=stated,
            versions={ORDER: 2},
            received={ISSUED: moment(ISSUED)},
            answers=[kept(attempt())],
        ),
        **changes,
    )


def payers(**changes: Any) -> ServiceEvidence:
    """The payers service: an invoice was issued for the order, a payment received."""
    stated = [Stated(INVOICE, 1, ISSUED), Stated(PAYMENT, 1, RECEIVED)]
    return replace(
        ServiceEvidence(
            events=[
                event(InvoiceIssued, stated[0], cause=PLACED),
                event(PaymentReceived, stated[1]),
            ],
            audit=stated,
            versions={INVOICE: 1, PAYMENT: 1},
            received={PLACED: moment(PLACED), INVOICED: moment(INVOICED)},
            projections=[Projection(OrderPlaced.topic, ORDER, 2)],
            answers=[kept(payment())],
        ),
        **changes,
    )


def books(**changes: Any) -> Books:
    """One payment on one account, one invoice of one series."""
    return replace(
        Books(
            postings=[Posting(PAYMENT, {"EUR": 0}, 1)],
            balances=[Balance(ACCOUNT, 100, 100)],
            documents=[PAYMENT],
            series={"company INV-2026": [1]},
            last_numbers={"company INV-2026": 1},
        ),
        **changes,
    )


def evidence(**changes: Any) -> Evidence:
    """What was found after that run."""
    return replace(
        Evidence(
            services={"clients": clients(), "payers": payers()},
            readers={OrderPlaced.topic: ["payers"], InvoiceIssued.topic: ["clients"]},
            kafka={
                OrderPlaced.topic: [Stated(ORDER, 1, PLACED), Stated(ORDER, 2, INVOICED)],
                InvoiceIssued.topic: [Stated(INVOICE, 1, ISSUED)],
                PaymentReceived.topic: [Stated(PAYMENT, 1, RECEIVED)],
            },
            states={
                OrderPlaced.topic: {ORDER: 2},
                InvoiceIssued.topic: {INVOICE: 1},
                PaymentReceived.topic: {PAYMENT: None},
            },
            books=books(),
            before=Vitals({"payers": 100 << 20}, {"payers": 10}),
            after=Vitals({"payers": 110 << 20}, {"payers": 11}),
        ),
        **changes,
    )
