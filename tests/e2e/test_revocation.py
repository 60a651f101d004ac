"""What is over at identity is refused by every service and by the gateway, within a second."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.e2e.answers import problem, read
from tests.e2e.doors import EVERYWHERE, Doors, answered_everywhere, open_doors, statuses
from tests.e2e.people import Newcomer, registered

from florin_local.demo.api import Json, Person
from florin_local.demo.checks import DoesNotHold, expect, until
from florin_local.demo.tale import Tale, new_password
from florin_local.stack import Stack

REFUSED_WITHIN_S = 1.0


@pytest.fixture(scope="module")
def newcomer(tale: Tale) -> Newcomer:
    """A client of its own, whom nothing else signs out."""
    return registered(tale, "leaver")


@pytest.fixture
def session(newcomer: Newcomer) -> Json:
    return newcomer.person.sign_in()


@pytest.fixture
def own_doors(stack: Stack) -> Iterator[Doors]:
    with open_doors(stack) as doors:
        yield doors


def refused_everywhere(doors: Doors, token: str) -> None:
    answered_everywhere(doors, token, 401)


def sign_out(http: httpx.Client, token: str) -> None:
    answer = http.delete("/sessions/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204, answer.text


def test_a_logout_is_refused_by_every_service_and_by_the_gateway(
    http: httpx.Client, session: Json, own_doors: Doors
) -> None:
    token = session["access_token"]
    assert statuses(own_doors, token) == dict.fromkeys(EVERYWHERE, 200)
    sign_out(http, token)
    signed_out = time.monotonic()
    until(lambda: refused_everywhere(own_doors, token), patience_s=REFUSED_WITHIN_S)
    assert time.monotonic() - signed_out < 2 * REFUSED_WITHIN_S
    problem(read(http, token, "/accounts"), 401, "token_revoked")


def test_another_session_of_the_user_goes_on(
    http: httpx.Client, session: Json, newcomer: Newcomer, own_doors: Doors
) -> None:
    other = newcomer.person.sign_in()["access_token"]
    sign_out(http, session["access_token"])
    until(lambda: refused_everywhere(own_doors, session["access_token"]))
    assert statuses(own_doors, other) == dict.fromkeys(EVERYWHERE, 200)


def test_a_process_that_is_started_again_still_refuses_from_its_first_answer_on(
    http: httpx.Client, session: Json, own_doors: Doors, stack: Stack
) -> None:
    token = session["access_token"]
    sign_out(http, token)
    until(lambda: refused_everywhere(own_doors, token))
    stack.stop_service("payers")
    stack.start_service("payers")
    assert read(own_doors["payers"], token, "/accounts").status_code == 401


def test_a_refresh_token_that_two_used_ends_the_session_everywhere(
    http: httpx.Client, session: Json, own_doors: Doors
) -> None:
    stolen = session["refresh_token"]
    users = refresh(http, stolen).json()
    latest = refresh(http, users["refresh_token"]).json()
    problem(refresh(http, stolen), 401, "refresh_token_reused")
    until(lambda: refused_everywhere(own_doors, latest["access_token"]))
    problem(refresh(http, latest["refresh_token"]), 401, "refresh_token_refused")


def refresh(http: httpx.Client, token: str) -> httpx.Response:
    return http.post("/sessions/refresh", json={"refresh_token": token})


def test_leaving_a_clients_account_ends_what_was_entered_and_nothing_else(
    http: httpx.Client, tale: Tale, newcomer: Newcomer
) -> None:
    token = tale.administrator.token()
    stay = until(lambda: tale.administrator.act_as(newcomer.client_id, "a question by phone"))
    entered = stay["access_token"]
    assert read(http, entered, "/accounts").status_code == 200
    url = f"/impersonations/{stay['impersonation_id']}"
    assert http.delete(url, headers={"Authorization": f"Bearer {token}"}).status_code == 204

    def refused() -> None:
        expect("what the entered panel answers", read(http, entered, "/accounts").status_code, 401)

    until(refused, patience_s=REFUSED_WITHIN_S)
    assert read(http, token, "/accounts").status_code == 200
    newcomer.person.sign_in()  # its earlier sessions ended above
    (row,) = newcomer.person.list("/impersonations", client_id=newcomer.client_id)
    assert row["ended_at"]


def test_a_department_that_loses_a_right_loses_it_everywhere_at_once(
    http: httpx.Client, tale: Tale
) -> None:
    both = ["clients:read", "providers:read"]
    department = tale.administrator.post(
        "/departments", {"name": "readers", "sections": [], "permissions": both}
    )
    reader = _employee(tale, department["id"])
    token = reader.sign_in()["access_token"]
    assert read(http, token, "/providers").status_code == 200
    change = {"permissions": ["clients:read"]}
    headers = {"Authorization": f"Bearer {tale.administrator.token()}"}
    answer = http.patch(f"/departments/{department['id']}", json=change, headers=headers)
    assert answer.status_code == 200, answer.text

    def refused() -> None:
        expect("the old token", read(http, token, "/providers").status_code, 401)

    until(refused, patience_s=2 * REFUSED_WITHIN_S)
    renewed = reader.sign_in()["access_token"]
    problem(read(http, renewed, "/providers"), 403, "forbidden")


def _employee(tale: Tale, department_id: str) -> Person:
    person = Person(tale.gateway, tale.email("reader"), new_password())
    body: dict[str, Any] = {
        "name": "Rhea Reader",
        "email": person.email,
        "provider_ids": [],
        "department_ids": [department_id],
        "permissions": [],
    }
    invited = tale.administrator.post("/employees", body)
    url = f"/users/{invited['id']}/invitation"
    token = until(lambda: tale.administrator.post(url, {}))["invitation_token"]
    accepted = {"token": token, "password": person.password}
    answer = tale.gateway.ask("POST", "/invitations/accept", body=accepted)
    if answer.status != 200:
        raise DoesNotHold("the invitation", expected=200, came=answer)
    return person
