"""Service accounts and API keys when many ask at once."""

import asyncio
from collections import Counter

import pytest
from services.identity.tests.making import employee
from services.identity.tests.programs import (
    exchange,
    maker,
    own_key,
    revoke,
    service_account,
    user_with,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import ApiKeyCreated, ApiKeyRevoked
from florin_contracts.permissions import Permission
from florin_contracts.providers import EmployeeChanged
from florin_identity.use_cases import create_api_key

P = Permission


async def test_secrets_that_are_asked_for_at_once_are_two_at_most(identity: Harness) -> None:
    account = await service_account(identity)
    path = f"/service-accounts/{account['id']}/secrets"
    headers = await maker(identity)
    answers = await asyncio.gather(
        *(identity.http.post(path, json={"overlap_hours": 1}, headers=headers) for _ in range(8))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}
    held = await identity.http.get(path, headers=headers)
    assert len(held.json()["data"]) == 2


async def test_keys_that_are_made_at_once_are_as_many_as_are_allowed(
    identity: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create_api_key, "KEYS_MAX", 3)
    headers = await user_with(identity, P.CLIENTS_READ)
    body = {"name": "crm", "scopes": ["clients:read"], "expires_at": None}
    answers = await asyncio.gather(
        *(identity.http.post("/me/api-keys", json=body, headers=headers) for _ in range(8))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 5}
    assert len(await identity.stated(ApiKeyCreated)) == 3


async def test_a_key_is_revoked_once_and_good_for_nobody_after_that(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    using = [asyncio.ensure_future(exchange(identity, made["key"])) for _ in range(8)]
    revoked = await asyncio.gather(*(revoke(identity, made) for _ in range(4)))
    assert {answer.status_code for answer in revoked} == {200}
    assert len(await identity.stated(ApiKeyRevoked)) == 1
    assert {(await answer).status_code for answer in using} <= {200, 400}
    assert (await exchange(identity, made["key"])).status_code == 400


async def test_a_key_follows_its_owner_s_rights_as_they_change(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ, P.ORDERS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ, P.ORDERS_READ)
    seen = []
    for left in ((P.CLIENTS_READ, P.ORDERS_READ), (P.ORDERS_READ,), (), (P.CLIENTS_READ,)):
        state = employee(id=made["owner_id"], permissions=left).model_dump()
        await identity.deliver(EmployeeChanged(**state))
        seen.append((await exchange(identity, made["key"])).json()["scope"])
    assert seen == ["clients:read orders:read", "orders:read", "", "clients:read"]
