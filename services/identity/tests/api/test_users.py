"""`/users` and `/me` over HTTP."""

from uuid import UUID

from services.identity.tests.making import (
    EMAIL,
    actor_of,
    employee,
    inviter,
    registered,
    token_of,
    working,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.clients import ClientActivity, ClientRegistered
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission


async def test_users_are_listed_and_read_with_their_version(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    await identity.deliver(employee())
    listed = (await identity.http.get("/users", headers=inviter(identity))).json()["data"]
    assert [u["email"] for u in listed] == [EMAIL, "sam@example.com"]
    answer = await identity.http.get(f"/users/{user['id']}", headers=inviter(identity))
    assert answer.json() == user
    assert answer.headers["ETag"] == '"1"'


async def test_a_provider_sees_its_employees_and_its_clients_users_only(identity: Harness) -> None:
    n1, n2 = new_id(), new_id()
    await identity.deliver(
        employee(provider_ids=(n1,), email="one@example.com"),
        employee(provider_ids=(n2,), email="two@example.com"),
        employee(provider_ids=(n1, n2), email="both@example.com"),
        employee(email="everywhere@example.com"),
    )
    made = await registered(identity)
    vega = ClientRegistered(
        id=UUID(made["client_id"]),
        name="Vega",
        country="RU",
        state=ClientActivity.NOT_ACTIVE,
        provider_ids=(n2,),
    )
    await identity.deliver(vega)
    seen = {}
    for name, provider_id in (("n1", n1), ("n2", n2)):
        headers = identity.signed_in(Permission.USERS_READ, reach={"provider": [provider_id]})
        page = (await identity.http.get("/users", headers=headers)).json()
        seen[name] = sorted(user["email"].partition("@")[0] for user in page["data"])
    assert seen == {"n1": ["both", "one"], "n2": ["both", "two", "vega"]}
    foreign = identity.signed_in(Permission.USERS_READ, reach={"provider": [n1]})
    answer = await identity.http.get(f"/users/{made['user']['id']}", headers=foreign)
    assert answer.status_code == 404


async def test_a_client_sees_its_own_users_only(identity: Harness) -> None:
    vega = await registered(identity)
    await registered(identity, email="lyra@example.com", name="Lyra")
    headers = identity.signed_in(Permission.USERS_READ, reach={"client": [vega["client_id"]]})
    page = (await identity.http.get("/users", headers=headers)).json()
    assert [user["email"] for user in page["data"]] == [EMAIL]


async def test_users_are_not_for_everyone(identity: Harness) -> None:
    for path in ("/users", f"/users/{new_id()}"):
        headers = identity.signed_in(Permission.CLIENTS_READ, everywhere=True)
        assert (await identity.http.get(path, headers=headers)).status_code == 403
        assert (await identity.http.get(path)).status_code == 401


async def test_i_am_who_my_token_says(identity: Harness) -> None:
    made = await registered(identity)
    actor = await actor_of(identity, await token_of(identity))
    headers = identity.signed_in(
        *actor.permissions, sub=str(actor.user_id), reach=actor.reach, everywhere=actor.everywhere
    )
    me = (await identity.http.get("/me", headers=headers)).json()
    assert me == {
        "user_id": made["user"]["id"],
        "name": "Vega",
        "email": EMAIL,
        "permissions": sorted(CLIENT_ROLES[ClientRole.OWNER]),
        "reach": {"client": [made["client_id"]]},
        "everywhere": False,
        "impersonated_by": None,
    }


async def test_an_employee_who_sees_no_users_sees_itself(identity: Harness) -> None:
    event = await working(identity, provider_ids=(new_id(),))
    headers = identity.signed_in(sub=str(event.id), reach={"provider": event.provider_ids})
    me = (await identity.http.get("/me", headers=headers)).json()
    assert (me["user_id"], me["email"]) == (str(event.id), event.email)
    assert (await identity.http.get("/me")).status_code == 401


async def test_who_impersonates_is_told_so(identity: Harness) -> None:
    event = await working(identity)
    client_id = new_id()
    headers = identity.signed_in(
        sub=str(event.id),
        act={"sub": str(event.id)},
        onbehalfof=f"client/{client_id}",
        reach={"client": [client_id]},
    )
    me = (await identity.http.get("/me", headers=headers)).json()
    assert (me["impersonated_by"], me["reach"]) == (str(event.id), {"client": [str(client_id)]})
