"""What an answer says of its request, and what all attempts of a write say of it together."""

import httpx
import pytest
from tests.faults.asking import outcome_of
from tests.faults.history import History, Outcome
from tests.faults.made_up import attempt

_LATER = {"Retry-After": "1"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (201, {}, {"id": "1"}, Outcome.OK),
        (409, {}, {"code": "overpayment"}, Outcome.REFUSED),
        (401, {}, {"code": "token_revoked"}, Outcome.NOT_NOW),
        (409, _LATER, {"code": "idempotency_key_in_flight"}, Outcome.NOT_NOW),
        (503, _LATER, {"service": "payers"}, Outcome.NOT_NOW),
        (503, _LATER, {"service": "payers", "outcome": "unknown"}, Outcome.UNKNOWN),
        (503, _LATER, {"code": "unavailable"}, Outcome.UNKNOWN),
        (503, {}, "no JSON at all", Outcome.UNKNOWN),
        (504, _LATER, {"service": "payers", "outcome": "unknown"}, Outcome.UNKNOWN),
        (500, {}, {}, Outcome.UNKNOWN),
    ],
)
def test_an_answer_says_no_more_than_is_sure(
    status: int, headers: dict[str, str], body: object, outcome: Outcome
) -> None:
    assert outcome_of(httpx.Response(status, headers=headers), body) is outcome


def test_no_answer_says_nothing() -> None:
    assert outcome_of(None, None) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        ([Outcome.UNKNOWN, Outcome.OK], Outcome.OK),
        ([Outcome.NOT_NOW, Outcome.REFUSED], Outcome.REFUSED),
        ([Outcome.UNKNOWN, Outcome.NOT_NOW], Outcome.UNKNOWN),
        ([Outcome.NOT_NOW, Outcome.NOT_NOW], Outcome.NOT_NOW),
    ],
)
def test_attempts_under_one_key_are_one_operation(
    outcomes: list[Outcome], together: Outcome
) -> None:
    tries = [attempt("key", started=float(n), outcome=o) for n, o in enumerate(outcomes)]
    [operation] = History([*tries, attempt("", kind="read orders")]).operations
    assert operation.outcome is together
