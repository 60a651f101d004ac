"""Programs on the whole system: by key, by secret, revoked, and while the signing keys change."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from tests.e2e.signing_keys import kid_of, rotate_keys

from florin_local.demo.checks import DoesNotHold, expect, until
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

REVOKED_WITHIN_S = 10
"""Far from a token's five minutes; `make bench` has the figure."""


@pytest.fixture
def account(tale: Tale) -> dict[str, Any]:
    """A service account that may read what there is of clients and orders."""
    body = {"name": "e2e", "permissions": ["clients:read", "orders:read"], "provider_ids": []}
    return tale.administrator.post("/service-accounts", body)


def token_of(http: httpx.Client, account: dict[str, Any]) -> str:
    answer = http.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(account["id"], account["client_secret"]),
    )
    expect("the status of the token", answer.status_code, 200)
    return str(answer.json()["access_token"])


def asked(http: httpx.Client, credentials: str, path: str = "/clients") -> int:
    return http.get(path, headers={"Authorization": f"Bearer {credentials}"}).status_code


def test_a_key_asks_every_service_within_its_scopes_until_it_is_revoked(
    tale: Tale, http: httpx.Client, account: dict[str, Any]
) -> None:
    body = {"name": "e2e", "scopes": ["clients:read"], "expires_at": None}
    made = tale.administrator.post(f"/service-accounts/{account['id']}/api-keys", body)
    with ThreadPoolExecutor(8) as many:
        statuses = list(many.map(lambda _: asked(http, made["key"]), range(40)))
    assert Counter(statuses) == {200: 40}
    assert [asked(http, made["key"], path) for path in ("/orders", "/payers")] == [403, 403]
    tale.administrator.post(f"/api-keys/{made['id']}/revoke", {}, 200)
    until(
        lambda: expect("a revoked key", asked(http, made["key"]), 401), patience_s=REVOKED_WITHIN_S
    )


def test_a_disabled_account_is_refused_with_the_tokens_that_it_has(
    tale: Tale, http: httpx.Client, account: dict[str, Any]
) -> None:
    token = token_of(http, account)
    assert asked(http, token) == asked(http, token, "/orders") == 200
    tale.administrator.post(f"/service-accounts/{account['id']}/disable", {}, 200)
    until(lambda: expect("its token", asked(http, token), 401), patience_s=REVOKED_WITHIN_S)
    with pytest.raises(DoesNotHold):
        token_of(http, account)


def test_the_signing_keys_change_and_no_request_fails(
    stack: Stack, tale: Tale, http: httpx.Client, account: dict[str, Any]
) -> None:
    before = token_of(http, account)
    with asking(http, account, before) as seen:
        told = rotate_keys(stack, "--now")
        signs = told[0]["kid"]
        until(lambda: expect("the key that signs", kid_of(token_of(http, account)), signs))
        assert asked(http, before) == 200
    assert [key["state"] for key in told[:2]] == ["current", "next"]
    assert kid_of(before) in {key["kid"] for key in told[2:]}
    assert seen.keys() == {200}
    assert seen[200] > 20
    assert tale.client_id


@contextmanager
def asking(http: httpx.Client, account: dict[str, Any], old: str) -> Iterator[Counter[int]]:
    """Callers with an old token, and with new ones, all the while; the statuses that they see."""
    seen: Counter[int] = Counter()
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set() or sum(seen.values()) <= 20:
            seen[asked(http, old)] += 1
            seen[asked(http, token_of(http, account), "/orders")] += 1

    with ThreadPoolExecutor(2) as callers:
        asking = [callers.submit(ask) for _ in range(2)]
        try:
            yield seen
        finally:
            enough.set()
        for caller in asking:
            caller.result()
