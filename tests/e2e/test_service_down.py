"""A service that is down, or silent, is said to be so within seconds; no request hangs."""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.answers import problem, read, write

from florin_local.demo.api import Json
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

ANSWER_S_MAX = 15


@pytest.fixture
def payers_are_down(stack: Stack) -> Iterator[None]:
    stack.stop_service("payers")
    yield
    stack.start_service("payers")


@pytest.fixture
def payers_are_silent(stack: Stack) -> Iterator[None]:
    stack.process("payers").send(signal.SIGSTOP)
    yield
    stack.process("payers").send(signal.SIGCONT)


@pytest.mark.usefixtures("payers_are_down")
def test_a_service_that_is_down_is_said_to_be_unavailable(
    http: httpx.Client, tale: Tale, open_invoice: Json
) -> None:
    started = time.monotonic()
    token = tale.administrator.token()
    body = {"invoice_id": open_invoice["id"], "amount": open_invoice["total"], "method": "manual"}
    for answer in (read(http, token, "/accounts"), write(http, token, "/payments", json=body)):
        problem(answer, 503, "service_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - started < ANSWER_S_MAX


@pytest.mark.usefixtures("payers_are_down")
def test_what_other_services_answer_does_not_need_the_one_that_is_down(
    http: httpx.Client, tale: Tale
) -> None:
    token = tale.administrator.token()
    for path in ("/providers", f"/clients/{tale.client_id}", "/orders", "/me"):
        assert read(http, token, path).status_code == 200


@pytest.mark.usefixtures("payers_are_silent")
def test_a_service_that_is_silent_makes_no_request_hang(http: httpx.Client, tale: Tale) -> None:
    started = time.monotonic()
    answer = read(http, tale.administrator.token(), "/accounts")
    assert answer.status_code in {503, 504}, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - started < ANSWER_S_MAX
