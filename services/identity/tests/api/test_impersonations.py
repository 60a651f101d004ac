"""`/impersonations` over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import actor_of, client

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import ImpersonationStarted
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission

EMPLOYEE = new_id()
REASON = "ticket 42: the invoice cannot be opened"


async def impersonate(identity: Harness, client_id: UUID, **claims: Any) -> Any:
    headers = identity.signed_in(
        Permission.CLIENTS_IMPERSONATE, **{"sub": str(EMPLOYEE), "everywhere": True, **claims}
    )
    body = {"client_id": str(client_id), "reason": REASON}
    return await identity.http.post("/impersonations", json=body, headers=headers)


async def test_the_token_holds_the_clients_rights_and_names_the_employee(identity: Harness) -> None:
    client_id = await client(identity, new_id())
    answer = await impersonate(identity, client_id)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    actor = await actor_of(identity, body["access_token"])
    assert (actor.name, actor.user_id) == (f"user/{EMPLOYEE}", EMPLOYEE)
    assert (actor.on_behalf_of, actor.reason) == (f"client/{client_id}", REASON)
    assert actor.permissions == CLIENT_ROLES[ClientRole.OWNER]
    assert dict(actor.reach) == {"client": frozenset({client_id})}
    assert actor.everywhere is False


async def test_an_impersonation_is_stated_with_its_reason(identity: Harness) -> None:
    client_id = await client(identity, new_id())
    body = (await impersonate(identity, client_id)).json()
    (event,) = await identity.stated(ImpersonationStarted)
    assert event["data"]["id"] == body["impersonation_id"]
    assert event["data"]["employee_user_id"] == str(EMPLOYEE)
    assert (event["data"]["client_id"], event["data"]["reason"]) == (str(client_id), REASON)
    assert event["envelope"]["actor"] == f"user/{EMPLOYEE}"


async def test_who_acts_as_a_client_cannot_act_as_another(identity: Harness) -> None:
    vega, lyra = await client(identity, new_id()), await client(identity, new_id())
    acting = {"act": {"sub": str(EMPLOYEE)}, "onbehalfof": f"client/{vega}"}
    answer = await impersonate(identity, lyra, **acting)
    assert (answer.status_code, answer.json()["code"]) == (403, "impersonating_already")
    token = (await impersonate(identity, vega)).json()["access_token"]
    assert Permission.CLIENTS_IMPERSONATE not in (await actor_of(identity, token)).permissions
    assert len(await identity.stated(ImpersonationStarted)) == 1


async def test_only_clients_of_the_employees_providers_can_be_impersonated(
    identity: Harness,
) -> None:
    n1, n2, n3 = new_id(), new_id(), new_id()
    client_id = await client(identity, n1, n2)
    for reach, status in (
        ({"provider": [n1]}, 201),
        ({"provider": [n2, n3]}, 201),
        ({"provider": [n3]}, 404),
        ({"client": [client_id]}, 404),
    ):
        answer = await impersonate(identity, client_id, everywhere=False, reach=reach)
        assert answer.status_code == status, reach
    assert (await impersonate(identity, new_id())).status_code == 404


@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 201, "two\nlines"])
async def test_a_reason_is_required_and_is_one_line(identity: Harness, reason: str | None) -> None:
    body = {"client_id": str(await client(identity, new_id())), "reason": reason}
    headers = identity.signed_in(Permission.CLIENTS_IMPERSONATE, everywhere=True)
    answer = await identity.http.post("/impersonations", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "reason"


async def test_nobody_impersonates_without_the_permission(identity: Harness) -> None:
    body = {"client_id": str(await client(identity, new_id())), "reason": REASON}
    every_other = [p for p in Permission if p != Permission.CLIENTS_IMPERSONATE]
    headers = identity.signed_in(*every_other, everywhere=True)
    answer = await identity.http.post("/impersonations", json=body, headers=headers)
    assert answer.status_code == 403


async def test_a_client_reads_who_acted_for_it_and_a_provider_for_its_clients(
    identity: Harness,
) -> None:
    n1, n2 = new_id(), new_id()
    vega, lyra = await client(identity, n1), await client(identity, n2)
    for client_id in (vega, lyra):
        await impersonate(identity, client_id)

    async def seen(**claims: Any) -> list[str]:
        query = claims.pop("query", "")
        headers = identity.signed_in(Permission.CLIENTS_READ, **claims)
        page = (await identity.http.get(f"/impersonations{query}", headers=headers)).json()
        return [row["client_id"] for row in page["data"]]

    assert await seen(everywhere=True) == [str(vega), str(lyra)]
    assert await seen(everywhere=True, query=f"?client_id={lyra}") == [str(lyra)]
    assert await seen(reach={"client": [vega]}) == [str(vega)]
    assert await seen(reach={"client": [vega]}, query=f"?client_id={lyra}") == []
    assert await seen(reach={"provider": [n2]}) == [str(lyra)]
