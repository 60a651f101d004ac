"""API keys over HTTP: made, listed, revoked, exchanged for tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.identity.tests.making import actor_of, provider
from services.identity.tests.programs import (
    AMR,
    bounded_account,
    client_owner,
    exchange,
    maker,
    own_key,
    revoke,
    security_staff,
    service_account,
    user_with,
)
from services.identity.tests.proving import long_ago
from sqlalchemy import select, text

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.api_keys import checksum, is_api_key
from florin_contracts.identity import ApiKeyCreated, ApiKeyRevoked
from florin_contracts.permissions import Permission
from florin_identity.models import SecurityEntry
from florin_identity.use_cases.create_api_key import KEYS_MAX

P = Permission
EXPIRE = text("UPDATE api_keys SET expires_at = expires_at + make_interval(secs => :seconds)")
NEW = {"name": "crm", "scopes": ["clients:read"], "expires_at": None}
APPLICATION = {
    "name": "Inventory",
    "redirect_uris": ["https://inventory.example.com/signed-in"],
    "confidential": True,
}


async def refusals(identity: Harness) -> list[object]:
    async with identity.runtime.database.engine.connect() as connection:
        wanted = select(SecurityEntry.details).where(SecurityEntry.act == "key_refused")
        return [details["reason"] for details in await connection.scalars(wanted)]


async def key_of_account(
    identity: Harness, account: dict[str, Any], *scopes: Permission
) -> dict[str, Any]:
    answer = await identity.http.post(
        f"/service-accounts/{account['id']}/api-keys",
        json={**NEW, "scopes": [*scopes]},
        headers=await maker(identity),
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_key_is_told_once_and_stated_without_its_secret(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    assert is_api_key(made["key"])
    assert made["key"].startswith(f"{made['prefix']}_")
    (event,) = await identity.stated(ApiKeyCreated)
    known = {k: v for k, v in made.items() if k not in {"key", "created_at", "last_used_at"}}
    assert event["data"] == {k: v for k, v in known.items() if k != "owner_kind"}
    listed = await identity.http.get("/me/api-keys", headers=headers)
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]
    assert made["key"] not in listed.text


async def test_a_key_gives_its_owner_s_rights_within_its_scopes(identity: Harness) -> None:
    place = await provider(identity)
    headers = await user_with(identity, P.CLIENTS_READ, P.ORDERS_READ, provider_ids=(place,))
    made = await own_key(identity, headers, P.CLIENTS_READ)
    answer = await exchange(identity, made["key"])
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 300)
    actor = await actor_of(identity, answer.json()["access_token"])
    assert (actor.name, str(actor.user_id)) == (f"user/{made['owner_id']}", made["owner_id"])
    assert actor.permissions == {P.CLIENTS_READ}
    assert actor.reach == {"provider": {place}}
    assert (str(actor.session_id), actor.in_person) == (made["id"], False)


async def test_a_key_of_a_service_account_acts_as_the_account(identity: Harness) -> None:
    account = await bounded_account(identity, P.CLIENTS_READ, P.ORDERS_READ)
    made = await key_of_account(identity, account, P.ORDERS_READ)
    assert (made["owner_id"], made["owner_kind"]) == (account["id"], "service-account")
    actor = await actor_of(identity, (await exchange(identity, made["key"])).json()["access_token"])
    assert (actor.name, actor.user_id) == (f"service-account/{account['id']}", None)
    assert actor.permissions == {P.ORDERS_READ}
    path = f"/service-accounts/{account['id']}/disable"
    await identity.http.post(path, headers=security_staff(identity))
    assert (await exchange(identity, made["key"])).json()["error"] == "invalid_grant"
    assert await refusals(identity) == ["owner"]


async def test_a_key_may_do_no_more_than_its_owner(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    account = await service_account(identity, P.CLIENTS_READ)
    body = {**NEW, "scopes": ["clients:read", "payments:record"]}
    staff = await maker(identity)
    path = f"/service-accounts/{account['id']}/api-keys"
    for answer in (
        await identity.http.post("/me/api-keys", json=body, headers=headers),
        await identity.http.post(path, json=body, headers=staff),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
        assert answer.json()["missing"] == ["payments:record"]


async def test_who_makes_a_key_for_a_program_holds_all_that_the_program_may(
    identity: Harness,
) -> None:
    account = await bounded_account(identity, P.CLIENTS_READ, P.PAYMENTS_RECORD)
    place = {"provider": [*account["provider_ids"]]}
    path = f"/service-accounts/{account['id']}/api-keys"
    weaker = await maker(identity, P.KEYS_WRITE, P.CLIENTS_READ, reach=place)
    answer = await identity.http.post(path, json=NEW, headers=weaker)
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    stranger = await maker(identity, reach={"provider": [await provider(identity)]})
    assert (await identity.http.post(path, json=NEW, headers=stranger)).status_code == 404


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"kind": "service-account", "amr": []},
        {"amr": AMR, "act": {"sub": str(new_id())}, "onbehalfof": "client/x"},
    ],
    ids=["by a key", "by a program", "while impersonating"],
)
async def test_keys_are_made_and_ended_in_person(identity: Harness, claims: dict[str, Any]) -> None:
    account = await service_account(identity, P.CLIENTS_READ)
    headers = identity.signed_in(*Permission, everywhere=True, **claims)
    for path in (
        "/me/api-keys",
        f"/service-accounts/{account['id']}/api-keys",
        f"/me/api-keys/{new_id()}/revoke",
    ):
        answer = await identity.http.post(path, json=NEW, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person"), path


async def test_a_program_may_end_others_keys_but_no_impersonator_may(identity: Harness) -> None:
    """A secret scanner that finds a key shall be able to end it."""
    made = await key_of_account(
        identity, await service_account(identity, P.CLIENTS_READ), P.CLIENTS_READ
    )
    path = f"/api-keys/{made['id']}/revoke"
    acting = identity.signed_in(*P, everywhere=True, act={"sub": str(new_id())}, onbehalfof="x")
    answer = await identity.http.post(path, headers=acting)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")
    program = identity.signed_in(P.KEYS_WRITE, everywhere=True, kind="service-account")
    assert (await identity.http.post(path, headers=program)).status_code == 200


async def test_a_revoked_key_is_refused_for_good_and_its_end_is_stated_once(
    identity: Harness,
) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    path = f"/me/api-keys/{made['id']}/revoke"
    first = await identity.http.post(path, headers=headers)
    again = await identity.http.post(path, headers=headers)
    assert first.json() == again.json()
    assert first.json()["revoked_at"] is not None
    (event,) = await identity.stated(ApiKeyRevoked)
    assert event["envelope"]["subject"] == made["id"]
    answer = await exchange(identity, made["key"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await refusals(identity) == ["revoked"]


async def test_an_expired_key_is_refused_and_a_token_ends_no_later_than_its_key(
    identity: Harness,
) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    soon = (datetime.now(UTC) + timedelta(seconds=200)).isoformat()
    made = await own_key(identity, headers, P.CLIENTS_READ, expires_at=soon)
    assert (await exchange(identity, made["key"])).json()["expires_in"] <= 200
    engine = identity.runtime.database.engine
    async with engine.begin() as connection:
        await connection.execute(EXPIRE, {"seconds": -200})
    answer = await exchange(identity, made["key"])
    async with engine.begin() as connection:  # rows must match their events in the end
        await connection.execute(EXPIRE, {"seconds": 200})
    assert answer.json()["error"] == "invalid_grant"
    assert await refusals(identity) == ["expired"]
    past = {**NEW, "expires_at": datetime.now(UTC).isoformat()}
    answer = await identity.http.post("/me/api-keys", json=past, headers=headers)
    assert answer.json()["errors"][0]["field"] == "expires_at"


async def test_a_wrong_secret_is_noted_and_a_made_up_key_fills_no_log(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    bodies = [f"{made['prefix']}_{'x' * 43}", f"florin_{'y' * 12}_{'x' * 43}"]
    answers = [await exchange(identity, body + checksum(body)) for body in bodies]
    answers += [
        await exchange(identity, odd)
        for odd in (made["key"][:-1], "florin_", "\0", "é" * 500, made["key"].lower())
    ]
    assert {(a.status_code, a.json()["error"]) for a in answers} == {(400, "invalid_grant")}
    assert answers[0].text == answers[1].text
    assert await refusals(identity) == ["wrong secret"]


async def test_a_key_is_good_only_from_where_its_user_may_sign_in(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    home = {"X-Forwarded-For": "192.0.2.7"}
    networks = {"networks": ["192.0.2.0/24"], "without_present_address": True}
    kept = await identity.http.put("/me/allowed-addresses", json=networks, headers=headers | home)
    assert kept.status_code == 200, kept.text
    assert (await exchange(identity, made["key"], home)).status_code == 200
    for elsewhere in ({"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "unknown"}):
        answer = await exchange(identity, made["key"], elsewhere)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await refusals(identity) == ["address", "address"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/service-accounts", {"name": "x", "permissions": [], "provider_ids": []}),
        ("POST", "/service-accounts/{account}/secrets", {}),
        ("POST", "/service-accounts/{account}/api-keys", NEW),
        ("POST", "/me/api-keys", NEW),
        ("POST", "/applications", APPLICATION),
        ("PATCH", "/applications/{application}", {"name": "x"}),
        ("POST", "/applications/{application}/secrets", {}),
    ],
)
async def test_who_makes_credentials_has_proved_itself_lately(
    identity: Harness, method: str, path: str, body: dict[str, Any]
) -> None:
    headers = await maker(identity)
    account = await service_account(identity, P.CLIENTS_READ, headers=headers)
    registered = await identity.http.post("/applications", json=APPLICATION, headers=headers)
    path = path.format(account=account["id"], application=registered.json()["id"])
    await long_ago(identity)
    answer = await identity.http.request(method, path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "recent_proof_needed")


async def test_the_last_use_is_seen(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    made = await own_key(identity, headers, P.CLIENTS_READ)
    assert made["last_used_at"] is None
    seen = set()
    for _ in "12":
        await exchange(identity, made["key"])
        listed = await identity.http.get("/me/api-keys", headers=headers)
        seen.add(listed.json()["data"][0]["last_used_at"])
    assert len(seen) == 1  # written once a minute, not at each use
    assert seen != {None}


async def test_each_sees_its_own_keys_and_those_within_reach(identity: Harness) -> None:
    mine, other = await provider(identity), await provider(identity)
    vega = await client_owner(identity, mine)
    of_client = await own_key(identity, vega, P.CLIENTS_READ)
    sam = await user_with(identity, P.CLIENTS_READ, provider_ids=(mine,))
    of_employee = await own_key(identity, sam, P.CLIENTS_READ)
    account = await service_account(identity, P.CLIENTS_READ, provider_ids=[str(mine)])
    of_program = await key_of_account(identity, account, P.CLIENTS_READ)

    async def seen(headers: dict[str, str], path: str = "/api-keys") -> set[str]:
        answer = await identity.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return {row["id"] for row in answer.json()["data"]}

    all_ = {made["id"] for made in (of_client, of_employee, of_program)}
    assert await seen(security_staff(identity)) == all_
    assert await seen(security_staff(identity), f"/api-keys?owner_id={account['id']}") == {
        of_program["id"]
    }
    assert await seen(sam, "/me/api-keys") == {of_employee["id"]}
    assert await seen(vega, "/me/api-keys") == await seen(vega) == {of_client["id"]}
    elsewhere = security_staff(identity, reach={"provider": [other]})
    assert await seen(elsewhere) == set()
    for made in (of_client, of_employee, of_program):
        for method, path in (("GET", ""), ("POST", "/revoke")):
            answer = await identity.http.request(
                method, f"/api-keys/{made['id']}{path}", headers=elsewhere
            )
            assert answer.status_code == 404
    revoked = await identity.http.post(f"/me/api-keys/{of_client['id']}/revoke", headers=sam)
    assert revoked.status_code == 404


async def test_a_program_has_no_keys_of_its_own_to_list(identity: Harness) -> None:
    headers = identity.signed_in(*P, everywhere=True, kind="service-account")
    assert (await identity.http.get("/me/api-keys", headers=headers)).status_code == 404


async def test_an_owner_has_so_many_good_keys_and_no_more(identity: Harness) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    for _ in range(KEYS_MAX):
        made = await own_key(identity, headers, P.CLIENTS_READ)
    answer = await identity.http.post("/me/api-keys", json=NEW, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")
    await revoke(identity, made)
    await own_key(identity, headers, P.CLIENTS_READ)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"owner_id": str(new_id())}, "owner_id"),
    ],
)
async def test_a_malformed_key_is_refused_by_field(
    identity: Harness, changes: dict[str, Any], field: str
) -> None:
    headers = await user_with(identity, P.CLIENTS_READ)
    answer = await identity.http.post("/me/api-keys", json=NEW | changes, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
