"""The checker finds a breach of each invariant, and none in a run that went well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.faults.checker import judge
from tests.faults.evidence import Balance, Evidence, KeptAnswer, Posting, Projection, Vitals
from tests.faults.history import Attempt, History, Outcome
from tests.faults.made_up import (
    INVOICE,
    INVOICED,
    ISSUED,
    ORDER,
    PAYMENT,
    PLACED,
    attempt,
    books,
    clients,
    event,
    evidence,
    history,
    kept,
    moment,
    payers,
    payment,
)
from tests.faults.made_up_guesses import BREACHES_OF_THE_SIGN_IN, NO_BREACH_OF_THE_SIGN_IN
from tests.faults.made_up_trust import BREACHES_OF_TRUST, NO_BREACH_OF_TRUST
from tests.shared.databases import Stated

from florin_contracts.clients import OrderPlaced
from florin_contracts.payers import InvoiceIssued

Run = tuple[History, Evidence]
STRANGER = UUID(int=99)


def broken(run: Run) -> set[str]:
    """The invariants that a run has broken."""
    return {verdict.invariant for verdict in judge(*run) if not verdict.holds}


def found(**changes: object) -> Run:
    """The history of a good run, with other evidence."""
    return history(), evidence(**changes)


def told(*more: Attempt) -> Run:
    """The evidence of a good run, with more in its history."""
    return history(*more), evidence()


def with_clients(**changes: object) -> Run:
    return found(services={"clients": clients(**changes), "payers": payers()})


def with_payers(**changes: object) -> Run:
    return found(services={"clients": clients(), "payers": payers(**changes)})


def on_kafka(topic: str, *events: Stated) -> Run:
    return found(kafka={**evidence().kafka, topic: list(events)})


def test_a_run_in_which_all_went_well_breaks_nothing() -> None:
    assert broken((history(), evidence())) == set()


def test_what_a_run_gives_no_occasion_for_is_said_and_not_passed() -> None:
    unchecked = {
        verdict.invariant for verdict in judge(history(), evidence()) if verdict.breaches is None
    }
    assert unchecked == {"I10", "I11"}


BREACHES: dict[str, tuple[str, Callable[[], Run]]] = {
    **BREACHES_OF_TRUST,
    **BREACHES_OF_THE_SIGN_IN,
    "a zombie record": ("I1", lambda: on_kafka(InvoiceIssued.topic)),
    "a ghost message": (
        "I1",
        lambda: on_kafka(
            InvoiceIssued.topic, Stated(INVOICE, 1, ISSUED), Stated(STRANGER, 1, STRANGER)
        ),
    ),
    "an event that a reader never received": (
        "I1",
        lambda: with_payers(received={INVOICED: moment(INVOICED)}),
    ),
    "an event received that nobody stated": (
        "I1",
        lambda: with_clients(received={ISSUED: moment(ISSUED), STRANGER: moment(STRANGER)}),
    ),
    "an event that stays parked": ("I1", lambda: with_payers(parked=["clients-order: why"])),
    "events that overtook each other on Kafka": (
        "I1",
        lambda: on_kafka(OrderPlaced.topic, Stated(ORDER, 2, INVOICED), Stated(ORDER, 1, PLACED)),
    ),
    "a life with a gap": (
        "I1",
        lambda: with_payers(
            events=[*payers().events, event(InvoiceIssued, Stated(INVOICE, 3, STRANGER))]
        ),
    ),
    "a state of yesterday": (
        "I1",
        lambda: found(states={**evidence().states, OrderPlaced.topic: {ORDER: 1}}),
    ),
    "a state that is missing": (
        "I1",
        lambda: found(states={**evidence().states, OrderPlaced.topic: {}}),
    ),
    "two effects of one event": (
        "I2",
        lambda: with_payers(
            events=[
                *payers().events,
                event(InvoiceIssued, Stated(STRANGER, 1, STRANGER), cause=PLACED),
            ]
        ),
    ),
    "no effect of an event": ("I2", lambda: with_payers(events=payers().events[1:])),
    "a later event handled before an earlier one": (
        "I3",
        lambda: with_payers(
            received={PLACED: moment(PLACED), INVOICED: moment(PLACED) - timedelta(seconds=1)}
        ),
    ),
    "a projection of yesterday": (
        "I3",
        lambda: with_payers(projections=[Projection(OrderPlaced.topic, ORDER, 1)]),
    ),
    "an entry that does not add up": (
        "I4",
        lambda: found(books=books(postings=[Posting(PAYMENT, {"EUR": 1}, 1)])),
    ),
    "a document that moved money twice": (
        "I4",
        lambda: found(books=books(postings=[Posting(PAYMENT, {"EUR": 0}, 2)])),
    ),
    "a document that moved no money": ("I4", lambda: found(books=books(postings=[]))),
    "a stored balance unlike the rebuilt one": (
        "I4",
        lambda: found(books=books(balances=[Balance(STRANGER, 100, 99)])),
    ),
    "two answers under one key": (
        "I5",
        lambda: told(attempt(body={"id": str(ORDER), "status": "other"}, started=1.5)),
    ),
    "an answer other than the kept one": (
        "I5",
        lambda: with_clients(answers=[KeptAnswer(*kept(attempt())[:2], {"id": str(ORDER)})]),
    ),
    "an effect of no key": (
        "I5",
        lambda: with_clients(
            events=[*clients().events, event(OrderPlaced, Stated(STRANGER, 1, STRANGER))]
        ),
    ),
    "an acknowledged write that is lost": (
        "I6",
        lambda: told(attempt("lost", body={"id": str(STRANGER)})),
    ),
    "an acknowledged write whose answer is not kept": ("I6", lambda: with_clients(answers=[])),
    "a refused write that has happened": (
        "I6",
        lambda: (History([attempt(outcome=Outcome.REFUSED, status=409), payment()]), evidence()),
    ),
    "a read that does not know of the write before": (
        "I7",
        lambda: told(
            attempt(kind="read orders", key="", status=404, outcome=Outcome.REFUSED, holds=False)
        ),
    ),
    "an act without an event": (
        "I8",
        lambda: with_clients(audit=[*clients().audit, Stated(STRANGER, 1, STRANGER)]),
    ),
    "an event without an act": ("I8", lambda: with_clients(audit=clients().audit[1:])),
    "a row that nobody stated": ("I8", lambda: with_clients(versions={ORDER: 2, STRANGER: 1})),
    "a version without its event": ("I8", lambda: with_clients(versions={ORDER: 3})),
    "an event without its row": ("I8", lambda: with_clients(versions={})),
    "a lag that stays": ("I9", lambda: found(unsettled=["1 event of x has not come to y"])),
    "memory that stays taken": (
        "I9",
        lambda: found(after=Vitals({"payers": 200 << 20}, {"payers": 10})),
    ),
    "connections that stay open": (
        "I9",
        lambda: found(after=Vitals({"payers": 100 << 20}, {"payers": 30})),
    ),
    "a transaction that stays open": ("I9", lambda: found(after=Vitals({}, {}, 1))),
    "an answer that names another client": (
        "I12",
        lambda: told(attempt(kind="read orders", key="", body=[{"client_id": str(STRANGER)}])),
    ),
    "a number left out": (
        "I13",
        lambda: found(
            books=books(series={"company INV-2026": [2]}, last_numbers={"company INV-2026": 2})
        ),
    ),
    "a number taken twice": (
        "I13",
        lambda: found(books=books(series={"company INV-2026": [1, 1]})),
    ),
    "an internal error": (
        "no 500",
        lambda: told(attempt("bad", status=500, outcome=Outcome.UNKNOWN)),
    ),
    "a rolling restart that was noticed": (
        "no 5xx",
        lambda: told(
            attempt("noticed", status=503, outcome=Outcome.NOT_NOW, fault="rolling-restart")
        ),
    ),
    "a change of keys that was noticed": (
        "no 5xx",
        lambda: told(attempt("noticed", status=503, outcome=Outcome.NOT_NOW, fault="key-rotation")),
    ),
    "a promise of a fault not kept": ("promise", lambda: found(broken=["late"])),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_found(breach: str) -> None:
    invariant, run = BREACHES[breach]
    assert invariant in broken(run())


GOOD: dict[str, Callable[[], Run]] = {
    **NO_BREACH_OF_TRUST,
    **NO_BREACH_OF_THE_SIGN_IN,
    "a message on Kafka twice": lambda: on_kafka(
        OrderPlaced.topic,
        Stated(ORDER, 1, PLACED),
        Stated(ORDER, 2, INVOICED),
        Stated(ORDER, 1, PLACED),
    ),
    "the same answer again": lambda: told(attempt(started=1.5)),
    "a write of unknown outcome that has happened": lambda: (
        History([attempt(outcome=Outcome.UNKNOWN, status=None, body=None), payment()]),
        evidence(),
    ),
    "a write of unknown outcome that has not happened": lambda: told(
        attempt("unknown", outcome=Outcome.UNKNOWN, status=504)
    ),
    "a refusal that left its answer only": lambda: (
        history(attempt("refused", outcome=Outcome.REFUSED, status=409)),
        replace(
            evidence(),
            services={
                "clients": clients(
                    answers=[
                        *clients().answers,
                        kept(attempt("refused", outcome=Outcome.REFUSED, status=409)),
                    ]
                ),
                "payers": payers(),
            },
        ),
    ),
    "a stale read that says so": lambda: told(
        attempt(kind="read orders", key="", status=200, holds=False, stale=True)
    ),
    "a read that a fault has kept from an answer": lambda: told(
        attempt(kind="read orders", key="", status=503, outcome=Outcome.UNKNOWN, holds=False)
    ),
}


@pytest.mark.parametrize("what", GOOD)
def test_what_a_fault_may_do_is_no_breach(what: str) -> None:
    assert broken(GOOD[what]()) == set()


def test_each_invariant_has_a_breach_that_is_found() -> None:
    checked = {verdict.invariant for verdict in judge(history(), evidence())}
    assert {invariant for invariant, _ in BREACHES.values()} == checked
