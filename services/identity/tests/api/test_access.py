"""`/access` over HTTP: why somebody may do a thing, or may not, and what there is to be allowed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import client, employee, registered, sign_in, working
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import CLIENT_ROLES, SECTIONS, ClientRole, Permission, Section
from florin_contracts.providers import DepartmentCreated, EmployeeStatus, EmployeeSuspended
from florin_identity.models import SessionProof


def anyone(identity: Harness, **claims: Any) -> dict[str, str]:
    return identity.signed_in(Permission.USERS_READ, **{"everywhere": True} | claims)


async def explain(
    identity: Harness, user_id: UUID | str | None, permission: str, by: Any = None, **place: UUID
) -> dict[str, Any]:
    wanted = {"permission": permission, **{name: str(id_) for name, id_ in place.items()}}
    if user_id is not None:
        wanted["user_id"] = str(user_id)
    by = anyone(identity) if by is None else by
    answer = await identity.http.get("/access/explain", params=wanted, headers=by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_allows_a_thing_is_named(identity: Harness) -> None:
    support = DepartmentCreated(
        id=new_id(),
        name="technical support",
        sections=(Section.SUPPORT,),
        permissions=(Permission.CLIENTS_READ,),
    )
    await identity.deliver(support)
    grants = (Permission.SUPPORT_READ, Permission.SERVICES_READ)
    event = await working(identity, department_ids=(support.id,), permissions=grants)
    found = await explain(identity, event.id, "support:read")
    assert (found["allowed"], found["verdict"], found["everywhere"]) == (True, "allowed", True)
    of = {"name": "technical support", "department_id": str(support.id)}
    assert found["because"] == [
        {"kind": "section", "section": "support", **of},
        {"kind": "grant", "name": None, "department_id": None, "section": None},
    ]
    assert "section support of department technical support" in found["explanation"]
    found = await explain(identity, event.id, "clients:read")
    assert [one["kind"] for one in found["because"]] == ["department"]


async def test_why_it_is_refused_is_named(identity: Harness) -> None:
    n1, n2, unknown = new_id(), new_id(), new_id()
    invited = employee(permissions=(Permission.USERS_READ,), provider_ids=(n1,))
    await identity.deliver(invited)
    working_ = await working(
        identity,
        email="w@example.com",
        permissions=(Permission.USERS_READ,),
        provider_ids=(n1,),
        department_ids=(unknown,),
    )
    for user_id, permission, place, verdict in (
        (working_.id, "users:read", {"provider_id": n1}, "allowed"),
        (working_.id, "users:read", {"provider_id": n2}, "beyond_reach"),
        (working_.id, "users:write", {"provider_id": n1}, "not_granted"),
        (invited.id, "users:read", {}, "invited"),
        (invited.id, "users:write", {}, "not_granted"),
    ):
        found = await explain(identity, user_id, permission, **place)
        assert found["verdict"] == verdict, (permission, place)
        assert found["allowed"] == (verdict == "allowed")
    found = await explain(identity, working_.id, "users:write")
    assert found["missing_department_ids"] == [str(unknown)]
    suspended = {"status": EmployeeStatus.SUSPENDED}
    await identity.deliver(EmployeeSuspended(**working_.model_dump() | suspended))
    found = await explain(identity, working_.id, "users:read")
    assert found["verdict"] == "suspended_where_it_belongs"
    assert [one["kind"] for one in found["because"]] == ["grant"]


async def test_a_client_is_reached_from_itself_and_from_its_providers(identity: Harness) -> None:
    n1, n2 = new_id(), new_id()
    theirs = await client(identity, n1)
    one = await working(identity, provider_ids=(n1,), permissions=(Permission.CLIENTS_READ,))
    for provider_ids, verdict in (((n1,), "allowed"), ((n2,), "beyond_reach")):
        who = await working(
            identity,
            provider_ids=provider_ids,
            permissions=(Permission.CLIENTS_READ,),
            email=f"{verdict}@example.com",
        )
        found = await explain(identity, who.id, "clients:read", client_id=theirs)
        assert found["verdict"] == verdict
    found = await explain(identity, one.id, "clients:read", client_id=new_id())
    assert found["verdict"] == "beyond_reach"


async def test_everybody_may_ask_about_itself(identity: Harness) -> None:
    made = await registered(identity)
    mine = CLIENT_ROLES[ClientRole.OWNER]
    me = identity.signed_in(*mine, sub=made["user"]["id"], reach={"client": [made["client_id"]]})
    found = await explain(identity, None, "orders:place", me)
    assert (found["allowed"], found["client_ids"]) == (True, [made["client_id"]])
    assert found["because"] == [
        {"kind": "role", "name": "owner", "department_id": None, "section": None}
    ]
    key = identity.signed_in(sub=made["user"]["id"], reach={"client": [made["client_id"]]})
    assert (await explain(identity, None, "orders:place", key))["verdict"] == "not_in_token"


async def test_others_are_explained_to_who_may_see_them_only(identity: Harness) -> None:
    user_id = (await registered(identity))["user"]["id"]
    wanted = {"permission": "orders:place", "user_id": user_id}
    for headers, status in (
        (identity.signed_in(Permission.CLIENTS_READ, everywhere=True), 403),
        (identity.signed_in(Permission.USERS_READ, reach={"client": [new_id()]}), 404),
        (identity.signed_in(Permission.USERS_READ, reach={"provider": [new_id()]}), 404),
        ({}, 401),
    ):
        answer = await identity.http.get("/access/explain", params=wanted, headers=headers)
        assert answer.status_code == status


async def test_all_that_stands_in_the_way_is_named(identity: Harness) -> None:
    n1, n2 = new_id(), new_id()
    invited = employee(permissions=(Permission.USERS_READ,), provider_ids=(n1,))
    await identity.deliver(invited)
    found = await explain(identity, invited.id, "users:read", provider_id=n2)
    assert found["obstacles"] == ["beyond_reach", "invited"]
    assert (found["verdict"], found["allowed"]) == ("beyond_reach", False)
    suspended = {"status": EmployeeStatus.SUSPENDED}
    await identity.deliver(EmployeeSuspended(**invited.model_dump() | suspended))
    found = await explain(identity, invited.id, "users:write")
    assert found["obstacles"] == ["suspended_where_it_belongs", "not_granted", "invited"]
    assert "suspended" in found["explanation"]
    assert "has not set a password" in found["explanation"]


async def obstacles(identity: Harness, headers: dict[str, str], what: str) -> list[str]:
    """Of a thing that whoever asks wants to do: a permission, or a method and a path."""
    method, _, path = what.partition(" ")
    wanted = {"method": method, "path": path} if path else {"permission": what}
    answer = await identity.http.get("/access/explain", params=wanted, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["obstacles"])


async def test_what_a_token_lacks_is_explained_as_endpoints_judge_it(identity: Harness) -> None:
    made = await registered(identity)
    account = {"sub": made["user"]["id"], "reach": {"client": [made["client_id"]]}}
    personal, recent = f"POST /clients/{made['client_id']}/users", "POST /service-accounts"
    own_key = "POST /me/api-keys"

    def token(**claims: Any) -> dict[str, str]:
        return identity.signed_in(*CLIENT_ROLES[ClientRole.OWNER], **account | claims)

    assert await obstacles(identity, token(), "keys:write") == []
    assert await obstacles(identity, token(), personal) == ["not_in_person"]
    assert await obstacles(identity, token(), "GET /me") == []
    assert await obstacles(identity, token(), "POST /sessions") == []
    assert await obstacles(identity, token(), "POST /providers") == ["not_granted"]
    provisional = token(amr=["pwd"], provisional=True)
    assert await obstacles(identity, provisional, personal) == ["proof_incomplete"]
    assert await obstacles(identity, provisional, "GET /access/explain") == []
    session_id = (await sign_in(identity)).json()["session_id"]
    own = token(amr=["pwd"], sid=session_id)
    assert await obstacles(identity, own, recent) == await obstacles(identity, own, own_key) == []
    await _age(identity)
    assert await obstacles(identity, own, recent) == ["recent_proof_needed"]
    assert await obstacles(identity, own, own_key) == ["recent_proof_needed"]
    assert await obstacles(identity, own, personal) == []


async def _age(identity: Harness) -> None:
    """All proofs are an hour old."""
    async with identity.begin() as transaction:
        proofs = await transaction.session.scalars(select(SessionProof))
        for proof in proofs:
            proof.proved_at -= timedelta(hours=1)


async def test_who_acts_for_somebody_else_is_told_so(identity: Harness) -> None:
    event = await working(identity, administrator=True)
    n1 = new_id()
    acting = identity.signed_in(
        Permission.ORDERS_PLACE,
        sub=str(await client(identity, n1)),
        act={"sub": str(event.id)},
        onbehalfof=f"client/{n1}",
        reason="helps",
        reach={"client": [n1]},
    )
    assert await obstacles(identity, acting, "orders:place") == []
    found = await obstacles(identity, acting, "POST /service-accounts")
    assert found == ["not_in_token", "impersonating"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"permission": "moon:walk"}, "permission"),
        ({}, "permission"),
        ({"method": "GET"}, "permission"),
        ({"permission": "users:read", "method": "GET", "path": "/users"}, "permission"),
        ({"method": "GET", "path": "/nowhere"}, "path"),
        ({"permission": "users:read", "user_id": "x"}, "user_id"),
        (
            {"permission": "users:read", "provider_id": str(new_id()), "client_id": str(new_id())},
            "client_id",
        ),
    ],
)
async def test_bad_questions_are_told_by_field(
    identity: Harness, wanted: dict[str, str], field: str
) -> None:
    answer = await identity.http.get("/access/explain", params=wanted, headers=anyone(identity))
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


async def test_the_catalogue_names_every_permission_with_its_meaning(identity: Harness) -> None:
    answer = await identity.http.get("/access/permissions", headers=identity.signed_in())
    catalogue = answer.json()
    named = {one["permission"] for s in catalogue["sections"] for one in s["permissions"]}
    assert named == {*Permission}
    assert all(one["meaning"] for s in catalogue["sections"] for one in s["permissions"])
    assert [s["section"] for s in catalogue["sections"]] == [*SECTIONS, None]
    assert {one["role"] for one in catalogue["roles"]} == {*ClientRole}
