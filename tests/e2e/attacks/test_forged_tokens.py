"""No forged token is anybody's: not at the gateway, and not at a service behind it."""

import time
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from tests.e2e.answers import problem, read, write
from tests.e2e.attacks.forgeries import twin
from tests.e2e.attacks.forging import Forge
from tests.e2e.attacks.never_issued import FORGERIES
from tests.e2e.attacks.wycheproof import CLASSES, OF_OTHER_MACHINERY
from tests.e2e.tokens import administrator_claims, installation_key
from tests.shared.databases import Databases

from florin_chassis.tokens import LEEWAY_S
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

PROVIDER = {"name": "Bad", "slug": "of-a-forger", "currency": "RUB", "time_zone": "UTC"}


@pytest.fixture(scope="module")
def forge(stack: Stack, databases: Databases, tale: Tale) -> Forge:
    user_id = UUID(tale.administrator.get("/me")["user_id"])
    key = installation_key(stack, databases)
    return Forge(key, administrator_claims(stack, user_id, life_s=200))


@pytest.fixture(scope="module")
def behind(stack: Stack) -> Iterator[httpx.Client]:
    """A service, asked past the gateway."""
    url = stack.service_url("providers")
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused_by_the_gateway_and_by_the_service_behind_it(
    http: httpx.Client, behind: httpx.Client, forge: Forge, name: str
) -> None:
    token = FORGERIES[name](forge)
    problem(read(http, token, "/providers"), 401, "unauthenticated")
    problem(write(http, token, "/providers", json=PROVIDER), 401, "unauthenticated")
    problem(read(behind, token, "/providers"), 401, "unauthenticated")


def test_what_is_forged_is_made_of_what_is_good(
    http: httpx.Client, behind: httpx.Client, forge: Forge
) -> None:
    for asked in (http, behind):
        assert read(asked, forge.genuine, "/providers").status_code == 200
    listed = read(http, forge.genuine, "/providers").json()["data"]
    assert PROVIDER["slug"] not in {provider["slug"] for provider in listed}


def test_clocks_may_differ_by_the_leeway_and_no_more(http: httpx.Client, forge: Forge) -> None:
    now_s = int(time.time())
    just_ended = forge.with_claims(iat=now_s - 200, exp=now_s)
    of_a_clock_ahead = forge.with_claims(iat=now_s + LEEWAY_S - 1, nbf=now_s + LEEWAY_S - 1)
    for token in (just_ended, of_a_clock_ahead):
        assert read(http, token, "/providers").status_code == 200
    too_late = forge.with_claims(iat=now_s - 200, exp=now_s - LEEWAY_S - 1)
    too_early = forge.with_claims(nbf=now_s + 2 * LEEWAY_S + 10)
    for token in (too_late, too_early):
        problem(read(http, token, "/providers"), 401, "unauthenticated")


def test_the_twin_of_a_signature_is_the_same_token_and_no_more(
    http: httpx.Client, forge: Forge
) -> None:
    """ECDSA has two signatures for each; neither identifies a token, and both are revoked."""
    token = forge.genuine
    assert twin(token) != token
    mine, other = (read(http, each, "/me").json() for each in (token, twin(token)))
    assert mine == other


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_of_the_wycheproof_vectors_is_a_forgery_here(name: str) -> None:
    assert CLASSES[name], name
    assert set(CLASSES[name]) <= set(FORGERIES)


def test_the_other_classes_are_of_what_we_do_not_do() -> None:
    assert not set(OF_OTHER_MACHINERY) & set(CLASSES)
    assert all(OF_OTHER_MACHINERY.values())
