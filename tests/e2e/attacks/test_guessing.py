"""Passwords and keys cannot be guessed: from one address, nor from many, nor from made-up ones."""

import httpx
import pytest
from tests.e2e.answers import problem, read
from tests.e2e.attacks.conftest import From
from tests.e2e.people import Newcomer, registered

from florin_contracts.api_keys import checksum
from florin_local.demo.tale import Tale, new_password

PAIR, LOGIN, ADDRESS = 10, 100, 100
"""How many failures are allowed: a login from an address, a login, an address."""


def guess(http: httpx.Client, email: str, password: str = "", **headers: str) -> httpx.Response:
    body = {"email": email, "password": password or new_password()}
    return http.post("/sessions", json=body, headers=headers)


def test_from_one_address_ten_guesses_and_then_not_even_the_right_one(
    victim: Newcomer, asked_from: From
) -> None:
    http, email = asked_from("127.0.1.1"), victim.person.email
    assert [guess(http, email).status_code for _ in range(PAIR + 2)] == [401] * PAIR + [429] * 2
    refused = guess(http, email, victim.person.password)
    problem(refused, 429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 0
    assert guess(asked_from("127.0.1.2"), email, victim.person.password).status_code == 201


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP"]
)
def test_an_address_that_a_caller_claims_counts_for_nothing(
    asked_from: From, tale: Tale, header: str
) -> None:
    http, email = asked_from("127.0.2.1"), tale.email(f"nobody-{header.lower()}")
    prefix = "for=" if header == "Forwarded" else ""
    statuses = [
        guess(http, email, **{header: f"{prefix}203.0.113.{n}"}).status_code
        for n in range(PAIR + 1)
    ]
    assert statuses == [401] * PAIR + [429]


def test_from_many_addresses_a_hundred_guesses_and_its_owner_goes_on(
    tale: Tale, asked_from: From
) -> None:
    target = registered(tale, "sought")
    email, password = target.person.email, target.person.password
    home = asked_from("127.0.3.250")
    assert guess(home, email, password).status_code == 201
    for n in range(LOGIN // PAIR):
        http = asked_from(f"127.0.3.{n + 1}")
        assert {guess(http, email).status_code for _ in range(PAIR)} == {401}
    locked = guess(asked_from("127.0.3.200"), email, password)
    problem(locked, 429, "too_many_attempts")
    assert guess(home, email, password).status_code == 201


def test_one_address_that_tries_many_logins_is_locked_as_a_whole(
    tale: Tale, asked_from: From
) -> None:
    http = asked_from("127.0.4.1")
    statuses = [guess(http, tale.email(f"stuffed-{n}")).status_code for n in range(ADDRESS + 1)]
    assert statuses == [401] * ADDRESS + [429]


def test_made_up_keys_are_refused_and_those_in_use_go_on(http: httpx.Client, tale: Tale) -> None:
    body = {"name": "attacks", "scopes": ["clients:read"], "expires_at": None}
    key = tale.client.post("/me/api-keys", body)["key"]
    beginning = key.rpartition("_")[0]
    for n in range(30):
        made_up = f"{beginning}_{n:043d}"
        problem(read(http, made_up + checksum(made_up), "/clients"), 401, "unauthenticated")
    assert read(http, key, "/clients").status_code == 200


def test_a_made_up_link_opens_nothing(http: httpx.Client) -> None:
    for path, body in (
        ("/invitations/accept", {"password": new_password()}),
        ("/password-resets/redeem", {"password": new_password()}),
        ("/email-verifications/confirm", {}),
        ("/email-changes/confirm", {}),
    ):
        answer = http.post(path, json={"token": "A" * 43, **body})
        assert answer.status_code == 409, (path, answer.text)
