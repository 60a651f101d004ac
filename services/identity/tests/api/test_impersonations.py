"""Employees act as clients by token exchange; clients read who did; both ways out."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import actor_of, client, sign_in, working
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import ImpersonationEnded, ImpersonationStarted
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_identity.api.token_exchange import ACCESS_TOKEN, TOKEN_EXCHANGE
from florin_identity.models import SecurityAct, SecurityEntry

REASON = "ticket 42: the invoice cannot be opened"
N1, N2, N3 = new_id(), new_id(), new_id()


@dataclass
class Employee:
    """An employee of N1 and N3 who may act as clients, signed in."""

    identity: Harness
    id: UUID
    session_id: str

    def token(self, **claims: Any) -> str:
        return self.identity.issuer.token(
            **{"sub": str(self.id), "sid": self.session_id, "amr": ["pwd"]} | claims
        )

    async def exchange(self, client_id: object, **changes: str | None) -> Any:
        form: dict[str, str | None] = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": self.token(),
            "subject_token_type": ACCESS_TOKEN,
            "requested_subject": str(client_id),
            "reason": REASON,
        }
        sent = {name: value for name, value in (form | changes).items() if value is not None}
        return await self.identity.http.post("/oauth2/token", data=sent)

    async def enter(self, client_id: UUID) -> dict[str, Any]:
        answer = await self.exchange(client_id)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def leave(self, stay: str, headers: dict[str, str] | None = None) -> int:
        own = {"Authorization": f"Bearer {self.token()}"}
        url = f"/impersonations/{stay}"
        return int((await self.identity.http.delete(url, headers=headers or own)).status_code)


async def employee_of(identity: Harness, *permissions: str, **changes: Any) -> Employee:
    sam = await working(identity, permissions=permissions, **changes)
    session = (await sign_in(identity, sam.email)).json()["session_id"]
    return Employee(identity, sam.id, session)


@pytest.fixture
async def sam(identity: Harness) -> Employee:
    return await employee_of(identity, Permission.CLIENTS_IMPERSONATE, provider_ids=(N1, N3))


async def noted(identity: Harness, act: SecurityAct) -> list[dict[str, Any]]:
    lines = select(SecurityEntry.details).where(SecurityEntry.act == act).order_by(SecurityEntry.id)
    async with identity.runtime.database.engine.connect() as connection:
        return list(await connection.scalars(lines))


async def test_the_token_holds_the_clients_rights_and_names_both(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    body = await sam.enter(vega)
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["issued_token_type"] == ACCESS_TOKEN
    assert "refresh_token" not in body
    actor = await actor_of(identity, body["access_token"])
    assert (actor.name, actor.user_id) == (f"user/{sam.id}", sam.id)
    assert (actor.on_behalf_of, actor.reason) == (f"client/{vega}", REASON)
    assert str(actor.session_id) == body["impersonation_id"]
    assert (actor.everywhere, actor.in_person) == (False, False)


async def test_it_holds_all_of_the_owners_rights_but_those_about_who_signs_in(
    identity: Harness, sam: Employee
) -> None:
    body = await sam.enter(await client(identity, N1))
    actor = await actor_of(identity, body["access_token"])
    withheld = {Permission.MEMBERS_WRITE, Permission.USERS_INVITE, Permission.SESSIONS_END}
    assert actor.permissions == CLIENT_ROLES[ClientRole.OWNER] - withheld
    assert Permission.CLIENTS_IMPERSONATE not in actor.permissions


async def test_it_reaches_no_further_than_the_employees_own_providers(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1, N2)
    actor = await actor_of(identity, (await sam.enter(vega))["access_token"])
    assert dict(actor.reach) == {"client": frozenset({vega}), "provider": frozenset({N1})}


async def test_who_works_for_all_providers_reaches_the_whole_client(identity: Harness) -> None:
    everywhere = await employee_of(identity, Permission.CLIENTS_IMPERSONATE)
    vega = await client(identity, N1, N2)
    actor = await actor_of(identity, (await everywhere.enter(vega))["access_token"])
    assert dict(actor.reach) == {"client": frozenset({vega})}


async def test_only_clients_of_the_employees_providers_can_be_impersonated(
    identity: Harness, sam: Employee
) -> None:
    for client_id in (await client(identity, N2), new_id()):
        answer = await sam.exchange(client_id)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.json()["error"] == "invalid_request"
    assert await identity.stated(ImpersonationStarted) == []
    assert len(await noted(identity, SecurityAct.IMPERSONATION_REFUSED)) == 2


async def test_an_impersonation_is_stated_and_noted_with_its_reason(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    stay = (await sam.enter(vega))["impersonation_id"]
    (event,) = await identity.stated(ImpersonationStarted)
    assert (event["data"]["id"], event["data"]["employee_user_id"]) == (stay, str(sam.id))
    assert (event["data"]["client_id"], event["data"]["reason"]) == (str(vega), REASON)
    assert event["envelope"]["actor"] == f"user/{sam.id}"
    details = {"impersonation_id": stay, "client_id": str(vega), "reason": REASON}
    assert await noted(identity, SecurityAct.IMPERSONATION_STARTED) == [details]


async def test_nobody_acts_as_a_client_without_the_permission_whatever_its_token_says(
    identity: Harness,
) -> None:
    every_other = [p for p in Permission if p != Permission.CLIENTS_IMPERSONATE]
    sam = await employee_of(identity, *every_other)
    token = identity.issuer.token(
        [Permission.CLIENTS_IMPERSONATE],
        sub=str(sam.id),
        sid=sam.session_id,
        amr=["pwd"],
        everywhere=True,
    )
    answer = await sam.exchange(await client(identity, N1), subject_token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "may_not_impersonate")


async def test_who_acts_as_a_client_cannot_act_as_another_nor_go_on(
    identity: Harness, sam: Employee
) -> None:
    vega, lyra = await client(identity, N1), await client(identity, N1)
    stay = (await sam.enter(vega))["impersonation_id"]
    acting = {"sub": str(vega), "act": {"sub": str(sam.id)}, "onbehalfof": f"client/{vega}"}
    for other in (lyra, vega):
        token = sam.token(**acting, sid=stay, amr=None)
        answer = await sam.exchange(other, subject_token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "impersonating_already")
    assert len(await identity.stated(ImpersonationStarted)) == 1


async def test_a_key_an_ended_session_or_a_stranger_cannot(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    unknown = sam.token(sub=str(new_id()))
    for token in (sam.token(amr=None), unknown, sam.token(sid=str(new_id()))):
        answer = await sam.exchange(vega, subject_token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "may_not_impersonate")
    assert await identity.stated(ImpersonationStarted) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": None},
        {"reason": "   "},
        {"reason": "x" * 201},
        {"reason": "two\nlines"},
        {"requested_subject": None},
        {"requested_subject": "vega"},
        {"subject_token": None},
        {"subject_token": "a.b.c"},
        {"subject_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"audience": "payers"},
        {"scope": "payers:write"},
        {"actor_token": "x"},
    ],
)
async def test_a_request_that_is_none_says_what_is_wrong(
    identity: Harness, sam: Employee, changes: dict[str, str | None]
) -> None:
    answer = await sam.exchange(await client(identity, N1), **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert next(iter(changes)) in answer.json()["error_description"]
    assert await identity.stated(ImpersonationStarted) == []


async def test_the_employee_leaves_and_the_client_sees_when(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    stay = (await sam.enter(vega))["impersonation_id"]
    assert [await sam.leave(stay), await sam.leave(stay)] == [204, 404]
    (event,) = await identity.stated(ImpersonationEnded)
    assert event["data"]["id"] == stay
    assert event["envelope"]["actor"] == f"user/{sam.id}"
    owner = identity.signed_in(*CLIENT_ROLES[ClientRole.OWNER], reach={"client": [vega]})
    (row,) = (await identity.http.get("/impersonations", headers=owner)).json()["data"]
    assert (row["id"], row["reason"]) == (stay, REASON)
    assert row["ended_at"]
    assert len(await noted(identity, SecurityAct.IMPERSONATION_ENDED)) == 1


async def test_the_employee_leaves_from_within_and_the_event_names_both(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    stay = (await sam.enter(vega))["impersonation_id"]
    acting = {"sub": str(vega), "act": {"sub": str(sam.id)}, "onbehalfof": f"client/{vega}"}
    token = sam.token(**acting, sid=stay, amr=None, reason=REASON, reach={"client": [vega]})
    assert await sam.leave(stay, {"Authorization": f"Bearer {token}"}) == 204
    envelope = (await identity.stated(ImpersonationEnded))[0]["envelope"]
    named = (envelope["actor"], envelope["onbehalfof"], envelope["reason"])
    assert named == (f"user/{sam.id}", f"client/{vega}", REASON)


async def test_staff_with_the_right_ends_it_and_nobody_else(
    identity: Harness, sam: Employee
) -> None:
    vega = await client(identity, N1)
    stay = (await sam.enter(vega))["impersonation_id"]
    owner = CLIENT_ROLES[ClientRole.OWNER]
    others = {
        "the client": (identity.signed_in(*owner, reach={"client": [vega]}), 403),
        "another client": (identity.signed_in(*owner, reach={"client": [new_id()]}), 404),
        "staff without it": (identity.signed_in("clients:read", reach={"provider": [N1]}), 403),
        "staff elsewhere": (identity.signed_in("sessions:end", reach={"provider": [N2]}), 404),
        "a key of the employee": (identity.signed_in(sub=str(sam.id)), 403),
        "staff": (identity.signed_in("sessions:end", reach={"provider": [N1]}), 204),
    }
    for name, (headers, status) in others.items():
        assert await sam.leave(stay, headers) == status, name


async def test_signing_out_ends_what_was_entered_from_the_session(
    identity: Harness, sam: Employee
) -> None:
    stay = (await sam.enter(await client(identity, N1)))["impersonation_id"]
    own = {"Authorization": f"Bearer {sam.token()}"}
    assert (await identity.http.delete("/sessions/current", headers=own)).status_code == 204
    (event,) = await identity.stated(ImpersonationEnded)
    assert event["data"]["id"] == stay
    answer = await sam.exchange(await client(identity, N1))
    assert answer.json()["code"] == "may_not_impersonate"


async def test_a_client_reads_who_acted_for_it_and_a_provider_for_its_clients(
    identity: Harness,
) -> None:
    everywhere = await employee_of(identity, Permission.CLIENTS_IMPERSONATE)
    vega, lyra = await client(identity, N1), await client(identity, N2)
    for client_id in (vega, lyra):
        await everywhere.enter(client_id)

    async def seen(**claims: Any) -> list[str]:
        query = claims.pop("query", "")
        headers = identity.signed_in(Permission.CLIENTS_READ, **claims)
        page = (await identity.http.get(f"/impersonations{query}", headers=headers)).json()
        return [row["client_id"] for row in page["data"]]

    assert await seen(everywhere=True) == [str(vega), str(lyra)]
    assert await seen(everywhere=True, query=f"?client_id={lyra}") == [str(lyra)]
    assert await seen(reach={"client": [vega]}) == [str(vega)]
    assert await seen(reach={"client": [vega]}, query=f"?client_id={lyra}") == []
    assert await seen(reach={"provider": [N2]}) == [str(lyra)]
