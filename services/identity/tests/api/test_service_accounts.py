"""`/service-accounts` over HTTP."""

from typing import Any

import pytest
from services.identity.tests.making import provider
from services.identity.tests.programs import (
    AMR,
    ask_token,
    bounded_account,
    maker,
    security_staff,
    service_account,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import (
    ServiceAccountChanged,
    ServiceAccountCreated,
    ServiceAccountDisabled,
)
from florin_contracts.permissions import Permission

P = Permission


async def rotate(identity: Harness, account: dict[str, Any], overlap_hours: int) -> Any:
    return await identity.http.post(
        f"/service-accounts/{account['id']}/secrets",
        json={"overlap_hours": overlap_hours},
        headers=await maker(identity),
    )


async def test_an_account_is_made_stated_and_listed_and_its_secret_told_once(
    identity: Harness,
) -> None:
    account = await service_account(identity, P.CLIENTS_READ)
    (event,) = await identity.stated(ServiceAccountCreated)
    assert event["data"] == {
        "id": account["id"],
        "name": "nightly job",
        "permissions": ["clients:read"],
        "provider_ids": [],
        "disabled": False,
    }
    headers = security_staff(identity)
    one = await identity.http.get(f"/service-accounts/{account['id']}", headers=headers)
    assert one.headers["ETag"] == '"1"'
    listed = await identity.http.get("/service-accounts", headers=headers)
    assert listed.json()["data"] == [one.json()]
    assert account["client_secret"] not in listed.text + one.text
    secrets = await identity.http.get(f"/service-accounts/{account['id']}/secrets", headers=headers)
    (secret,) = secrets.json()["data"]
    assert (secret["id"], secret["expires_at"]) == (account["secret_id"], None)


@pytest.mark.parametrize(
    ("held", "where"),
    [({P.KEYS_WRITE}, "mine"), ({*P}, "another's"), ({*P}, "everywhere")],
)
async def test_nobody_gives_a_program_what_it_does_not_hold(
    identity: Harness, held: set[Permission], where: str
) -> None:
    mine, other = await provider(identity), await provider(identity)
    places = {"mine": [str(mine)], "another's": [str(mine), str(other)], "everywhere": []}
    headers = await maker(identity, *held, reach={"provider": [mine]})
    body = {"name": "x", "permissions": ["clients:read"], "provider_ids": places[where]}
    answer = await identity.http.post("/service-accounts", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    assert await identity.stated(ServiceAccountCreated) == []


async def test_secrets_and_rights_of_a_stronger_program_are_out_of_reach(identity: Harness) -> None:
    account = await bounded_account(identity, P.CLIENTS_READ, P.PAYMENTS_RECORD)
    place = {"provider": [*account["provider_ids"]]}
    weaker = await maker(identity, P.KEYS_WRITE, P.CLIENTS_READ, reach=place)
    path = f"/service-accounts/{account['id']}"
    answers = [
        await identity.http.patch(path, json={"permissions": []}, headers=weaker),
        await identity.http.post(f"{path}/secrets", json={}, headers=weaker),
    ]
    assert [a.json()["code"] for a in answers] == ["grants_more_than_held"] * 2
    # Ending it takes away only, and may be urgent.
    assert (await identity.http.post(f"{path}/disable", headers=weaker)).status_code == 200


async def test_rights_are_added_only_by_who_holds_them(identity: Harness) -> None:
    account = await bounded_account(identity, P.CLIENTS_READ)
    place = {"provider": [*account["provider_ids"]]}
    headers = identity.signed_in(P.KEYS_WRITE, P.CLIENTS_READ, reach=place)
    path = f"/service-accounts/{account['id']}"
    widened: list[dict[str, list[str]]] = [
        {"permissions": ["clients:read", "payments:record"]},
        {"provider_ids": []},
    ]
    for more in widened:
        answer = await identity.http.patch(path, json=more, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    assert await identity.stated(ServiceAccountChanged) == []


async def test_a_program_of_another_provider_or_of_more_is_no_program(identity: Harness) -> None:
    mine, other = await provider(identity), await provider(identity)
    both = await service_account(identity, provider_ids=[str(mine), str(other)])
    all_ = await service_account(identity)
    headers = await maker(identity, reach={"provider": [mine]})
    for account in (both, all_):
        path = f"/service-accounts/{account['id']}"
        answers = [
            await identity.http.get(path, headers=headers),
            await identity.http.get(f"{path}/secrets", headers=headers),
            await identity.http.patch(path, json={"name": "x"}, headers=headers),
            await identity.http.post(f"{path}/disable", headers=headers),
            await identity.http.post(f"{path}/secrets", json={}, headers=headers),
        ]
        assert {a.status_code for a in answers} == {404}
    listed = await identity.http.get("/service-accounts", headers=headers)
    assert listed.json()["data"] == []


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"kind": "service-account"},
        {"amr": AMR, "act": {"sub": str(new_id())}, "onbehalfof": "client/x"},
    ],
    ids=["by a key", "by a program", "while impersonating"],
)
async def test_credentials_are_made_in_person(identity: Harness, claims: dict[str, Any]) -> None:
    account = await service_account(identity)
    headers = identity.signed_in(*P, everywhere=True, **claims)
    body = {"name": "x", "permissions": [], "provider_ids": []}
    answers = [
        await identity.http.post("/service-accounts", json=body, headers=headers),
        await identity.http.post(
            f"/service-accounts/{account['id']}/secrets", json={}, headers=headers
        ),
    ]
    assert [a.json()["code"] for a in answers] == ["not_in_person"] * 2


async def test_a_change_is_stated_with_the_version_that_refuses_earlier_tokens(
    identity: Harness,
) -> None:
    account = await service_account(identity, P.CLIENTS_READ)
    path, headers = f"/service-accounts/{account['id']}", security_staff(identity)
    changes = {"name": "other", "permissions": ["orders:read", "orders:read"]}
    answer = await identity.http.patch(path, json=changes, headers={**headers, "If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    same = await identity.http.patch(path, json=changes, headers=headers)
    assert same.headers["ETag"] == '"2"'
    late = await identity.http.patch(path, json=changes, headers={**headers, "If-Match": '"1"'})
    assert late.status_code == 412
    (event,) = await identity.stated(ServiceAccountChanged)
    assert (event["envelope"]["sequence"], event["data"]["permissions"]) == (2, ["orders:read"])


async def test_a_disabled_account_stays_so_and_gets_no_token(identity: Harness) -> None:
    account = await service_account(identity)
    path, headers = f"/service-accounts/{account['id']}", await maker(identity)
    for _ in "12":
        answer = await identity.http.post(f"{path}/disable", headers=headers)
        assert answer.json()["disabled"] is True
    assert len(await identity.stated(ServiceAccountDisabled)) == 1
    refused = [
        await identity.http.patch(path, json={"name": "x"}, headers=headers),
        await identity.http.post(f"{path}/secrets", json={}, headers=headers),
    ]
    assert [a.json()["code"] for a in refused] == ["service_account_disabled"] * 2
    token = await ask_token(identity, account)
    assert (token.status_code, token.json()["error"]) == (401, "invalid_client")


async def test_two_secrets_hold_at_a_time_and_no_third(identity: Harness) -> None:
    first = await service_account(identity)
    second = (await rotate(identity, first, 1)).json()
    assert [(await ask_token(identity, a)).status_code for a in (first, second)] == [200, 200]
    third = await rotate(identity, first, 1)
    assert (third.status_code, third.json()["code"]) == (409, "too_many_secrets")


async def test_without_an_overlap_earlier_secrets_end_and_their_tokens_are_refused(
    identity: Harness,
) -> None:
    first = await service_account(identity)
    second = (await rotate(identity, first, 1)).json()
    assert await identity.stated(ServiceAccountChanged) == []
    third = (await rotate(identity, first, 0)).json()
    tried = [(await ask_token(identity, a)).status_code for a in (first, second, third)]
    assert tried == [401, 401, 200]
    (event,) = await identity.stated(ServiceAccountChanged)
    assert event["envelope"]["sequence"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "permissions": [], "provider_ids": []}, "name"),
        ({"name": "a\nb", "permissions": [], "provider_ids": []}, "name"),
        ({"name": "x", "permissions": ["all"], "provider_ids": []}, "permissions.0"),
        ({"name": "x", "permissions": ["clients:read"] * 99, "provider_ids": []}, "permissions"),
        ({"name": "x", "permissions": [], "provider_ids": ["x"]}, "provider_ids.0"),
        ({"name": "x", "permissions": [], "provider_ids": [str(new_id())] * 101}, "provider_ids"),
        ({"name": "x", "permissions": []}, "provider_ids"),
        ({"name": "x", "permissions": [], "provider_ids": [], "disabled": False}, "disabled"),
    ],
)
async def test_a_malformed_account_is_refused_by_field(
    identity: Harness, body: dict[str, Any], field: str
) -> None:
    headers = security_staff(identity)
    answer = await identity.http.post("/service-accounts", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_an_unknown_provider_is_refused(identity: Harness) -> None:
    body = {"name": "x", "permissions": [], "provider_ids": [str(new_id())]}
    headers = await maker(identity)
    answer = await identity.http.post("/service-accounts", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_provider")
