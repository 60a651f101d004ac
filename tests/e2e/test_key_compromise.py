"""Signing keys that somebody else may have: dropped by command, with all that they signed."""

import time
from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.doors import answered_everywhere, open_doors
from tests.e2e.people import registered
from tests.e2e.signing_keys import kid_of, rotate_keys

from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

PUBLISHED_WITHIN_S = 2.0
REFUSED_WITHIN_S = 3.0
"""A verifier that meets a key it does not know asks for the keys, every two seconds at most."""


@pytest.fixture
def everybody_signs_in_again(tale: Tale) -> Iterator[None]:
    """Their tokens have ended before their time."""
    yield
    for person in (tale.administrator, tale.employee, tale.client):
        person.sign_in()


@pytest.mark.usefixtures("everybody_signs_in_again")
def test_what_compromised_keys_signed_is_refused_everywhere_and_who_refreshes_goes_on(
    stack: Stack, tale: Tale, http: httpx.Client
) -> None:
    session = registered(tale, "robbed").person.sign_in()
    old = session["access_token"]
    with open_doors(stack) as doors:
        answered_everywhere(doors, old, 200)
        told = rotate_keys(stack, "--compromised")
        dropped = time.monotonic()
        kids = [key["kid"] for key in told]
        assert [key["state"] for key in told] == ["current", "next"]
        assert kid_of(old) not in kids
        until(lambda: expect("the keys", published(http), kids), patience_s=PUBLISHED_WITHIN_S)
        new = refreshed(http, session["refresh_token"])
        assert kid_of(new) == kids[0]
        until(lambda: answered_everywhere(doors, new, 200), patience_s=REFUSED_WITHIN_S)
        answered_everywhere(doors, old, 401)
        assert time.monotonic() - dropped < PUBLISHED_WITHIN_S + 2 * REFUSED_WITHIN_S
        answered_everywhere(doors, new, 200)


def published(http: httpx.Client) -> list[str]:
    return [key["kid"] for key in http.get("/.well-known/jwks.json").json()["keys"]]


def refreshed(http: httpx.Client, refresh_token: str) -> str:
    answer = http.post("/sessions/refresh", json={"refresh_token": refresh_token})
    expect("the status of the refresh", answer.status_code, 200)
    return str(answer.json()["access_token"])
