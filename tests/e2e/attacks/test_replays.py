"""What was good once is good once: refresh tokens, codes, links and answers."""

import time
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pyotp
import pytest
from tests.e2e.answers import problem, read, write
from tests.e2e.people import Newcomer

from florin_local.demo.api import Json
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale, new_password

STEP_S = 30


class Phone(NamedTuple):
    """An authenticator app, and a moment whose code was used."""

    app: pyotp.TOTP
    used_at: int


@pytest.fixture(scope="module")
def totp(victim: Newcomer) -> Phone:
    """The victim's authenticator app, and when it showed the code that confirmed it."""
    offer = victim.person.post("/me/authenticators", {"name": "phone"})
    app, used_at = pyotp.TOTP(offer["secret"]), int(time.time())
    path = f"/me/authenticators/{offer['id']}/confirm"
    victim.person.post(path, {"code": app.at(used_at)}, 200)
    return Phone(app, used_at)


def challenged(http: httpx.Client, victim: Newcomer) -> str:
    person = victim.person
    answer = http.post("/sessions", json={"email": person.email, "password": person.password})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["challenge"])


def finish(http: httpx.Client, challenge: str, **proof: str) -> httpx.Response:
    return http.post("/sessions/second-factor", json={"challenge": challenge, "proof": proof})


def test_a_code_that_was_used_is_refused_though_it_is_still_shown(
    http: httpx.Client, victim: Newcomer, totp: Phone
) -> None:
    used = totp.app.at(totp.used_at)
    answer = finish(http, challenged(http, victim), factor="totp", code=used)
    problem(answer, 401, "wrong_second_factor")
    following = totp.app.at(int(time.time()) + STEP_S)
    first = finish(http, challenged(http, victim), factor="totp", code=following)
    assert first.status_code == 201, first.text
    again = finish(http, challenged(http, victim), factor="totp", code=following)
    problem(again, 401, "wrong_second_factor")


def test_a_challenge_is_answered_once(http: httpx.Client, victim: Newcomer, totp: Phone) -> None:
    token = victim.person.token()
    codes = write(http, token, "/me/recovery-codes").json()["codes"]
    challenge = challenged(http, victim)
    first = finish(http, challenge, factor="recovery_code", code=codes[0])
    assert first.status_code == 201, first.text
    again = finish(http, challenge, factor="recovery_code", code=codes[1])
    assert again.status_code == 401, again.text
    reused = finish(http, challenged(http, victim), factor="recovery_code", code=codes[0])
    problem(reused, 401, "wrong_second_factor")
    del totp


def test_a_thief_who_is_quick_is_found_out_at_the_next_turn(
    http: httpx.Client, victim: Newcomer, totp: Phone
) -> None:
    """A lost answer may be asked for again for a moment; two who go on from it end the family."""
    code = write(http, victim.person.token(), "/me/recovery-codes").json()["codes"][0]
    signed_in = finish(http, challenged(http, victim), factor="recovery_code", code=code)
    stolen = signed_in.json()["refresh_token"]
    users, thiefs = (refresh(http, stolen).json() for _ in "12")
    problem(refresh(http, users["refresh_token"]), 401, "refresh_token_reused")
    problem(refresh(http, thiefs["refresh_token"]), 401, "refresh_token_refused")
    for token in (users["access_token"], thiefs["access_token"]):
        until(partial(refused, http, token), patience_s=2)
    del totp


def refused(http: httpx.Client, token: str) -> None:
    expect("what its token opens", read(http, token, "/me").status_code, 401)


def refresh(http: httpx.Client, token: str) -> httpx.Response:
    return http.post("/sessions/refresh", json={"refresh_token": token})


def test_an_invitation_is_accepted_once(http: httpx.Client, tale: Tale) -> None:
    body = {
        "name": "Once",
        "email": tale.email("once"),
        "provider_ids": [],
        "department_ids": [],
        "permissions": [],
    }
    invited = tale.administrator.post("/employees", body)
    url = f"/users/{invited['id']}/invitation"
    link: Json = until(lambda: tale.administrator.post(url, {}))
    accepted: dict[str, Any] = {"token": link["invitation_token"], "password": new_password()}
    assert http.post("/invitations/accept", json=accepted).status_code == 200
    again = accepted | {"password": new_password()}
    problem(http.post("/invitations/accept", json=again), 409, "invitation_not_valid")


def test_an_idempotency_key_of_somebody_else_tells_nothing(
    http: httpx.Client, tale: Tale, victim: Newcomer
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {
        "client_id": victim.client_id,
        "payer_type": "individual",
        "name": "Secret Name",
        "country": "RU",
        "email": victim.person.email,
        "tax_number": None,
    }
    made = write(http, victim.person.token(), "/payers", json=body, headers=key)
    assert made.status_code == 201, made.text
    answer = write(http, tale.client.token(), "/payers", json=body, headers=key)
    problem(answer, 404, "not_found")
    assert made.json()["id"] not in answer.text
