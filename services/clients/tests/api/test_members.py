"""`/clients/{client_id}/users` over HTTP: whom a client lets in, and what nobody gets past."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from services.clients.tests.world import Json, World, a_provider, a_registration

from florin_chassis.ids import new_id
from florin_contracts.clients import (
    ClientUserChanged,
    ClientUserInvited,
    ClientUserJoined,
    ClientUserRemoved,
    ClientUserResumed,
    ClientUserSuspended,
)
from florin_contracts.identity import (
    UserActivated,
    UserEmailChanged,
    UserKind,
    UserLeft,
    UserStatus,
    UserSuspended,
)
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission

OWNER, FINANCE, READER = ClientRole.OWNER, ClientRole.FINANCE, ClientRole.READER


def headers(world: World, *permissions: str, **claims: Any) -> dict[str, str]:
    """Somebody who signed in itself, within the client unless the claims say otherwise."""
    claims = {"reach": {"client": [world.client_id]}, "amr": ["pwd"]} | claims
    return world.clients.signed_in(*permissions, **claims)


def owner(world: World, user_id: UUID | str | None = None) -> dict[str, str]:
    sub = str(user_id or world.registered.id)
    return headers(world, *CLIENT_ROLES[OWNER], sub=sub)


def wish(**changes: Any) -> Json:
    body = {"name": "Fin", "email": "fin@vega.example", "role": FINANCE, "permissions": []}
    return body | changes


async def invite(world: World, **changes: Any) -> Json:
    answer = await ask(world, "POST", "", wish(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ask(
    world: World, method: str, path: str, body: Json | None = None, by: Any = None, **sent: str
) -> Any:
    by = owner(world) if by is None else by
    url = f"/clients/{world.client_id}/users{path}"
    return await world.clients.http.request(method, url, json=body, headers=by | sent)


async def join(world: World, member: Json) -> None:
    await world.clients.deliver(activated(member))


def activated(member: Json, kind: Any = UserActivated, **changes: Any) -> Any:
    state = {
        "id": member["id"],
        "name": member["name"],
        "email": member["email"],
        "kind": UserKind.CLIENT,
        "status": UserStatus.ACTIVE,
        "administrator": False,
        "client_id": member["client_id"],
    }
    return kind(**state | changes)


async def another_owner(world: World) -> Json:
    member = await invite(world, role=OWNER, email="second@vega.example")
    await join(world, member)
    return member


async def test_an_owner_invites_a_person_who_joins(world: World) -> None:
    member = await invite(world, permissions=["services:read"])
    (invited,) = await world.clients.stated(ClientUserInvited)
    assert invited["data"] == member | {"permissions": ["services:read"]}
    assert (member["status"], member["role"]) == ("invited", "finance")
    await join(world, member)
    answer = await ask(world, "GET", f"/{member['id']}")
    assert (answer.json()["status"], answer.headers["ETag"]) == ("active", '"2"')
    await join(world, member)
    assert len(await world.clients.stated(ClientUserJoined)) == 1


async def test_an_address_that_is_a_login_or_invited_already_is_refused(world: World) -> None:
    await invite(world)
    for taken in ("fin@vega.example", "FIN@vega.example", world.registered.email):
        answer = await ask(world, "POST", "", wish(email=taken))
        assert (answer.status_code, answer.json()["code"]) == (409, "email_taken"), taken


async def test_two_who_invite_the_same_address_at_once_invite_it_once(world: World) -> None:
    answers = await asyncio.gather(*(ask(world, "POST", "", wish()) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]


async def test_the_address_of_one_who_was_removed_is_free_again(world: World) -> None:
    member = await invite(world)
    await ask(world, "POST", f"/{member['id']}/remove")
    assert (await ask(world, "POST", "", wish())).status_code == 201


@pytest.mark.parametrize(
    ("held", "role", "permissions", "beyond"),
    [
        (
            {"members:write", *CLIENT_ROLES[READER]},
            "finance",
            [],
            ["payers:write", "support:request"],
        ),
        ({"members:write", *CLIENT_ROLES[READER]}, "reader", ["orders:place"], ["orders:place"]),
        ({"members:write", *CLIENT_ROLES[READER]}, "reader", [], None),
    ],
)
async def test_nobody_gives_what_it_does_not_hold(
    world: World, held: set[str], role: str, permissions: list[str], beyond: list[str] | None
) -> None:
    member = await invite(world, role=READER, email="other@vega.example")
    by = headers(world, *held)
    invited = await ask(world, "POST", "", wish(role=role, permissions=permissions), by)
    changed = {"role": role, "permissions": permissions}
    patched = await ask(world, "PATCH", f"/{member['id']}", changed, by)
    if beyond is None:
        assert (invited.status_code, patched.status_code) == (201, 200)
        return
    for answer in (invited, patched):
        assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
        assert answer.json()["permissions"] == beyond


async def test_a_right_of_staff_is_no_grant_for_a_clients_user(world: World) -> None:
    by = headers(world, *Permission, everywhere=True)
    for grant in ("staff:write", "clients:impersonate", "users:write"):
        answer = await ask(world, "POST", "", wish(permissions=[grant]), by)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "permissions")
    assert await world.clients.stated(ClientUserInvited) == []


async def test_nobody_changes_its_own_role_grants_or_standing(world: World) -> None:
    await another_owner(world)
    me = f"/{world.registered.id}"
    for method, path, body in (
        ("PATCH", me, {"role": "finance"}),
        ("PATCH", me, {"permissions": ["keys:write"]}),
        ("POST", f"{me}/suspend", None),
        ("POST", f"{me}/remove", None),
    ):
        answer = await ask(world, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_rights"), (path, body)
    assert (await ask(world, "PATCH", me, {"name": "Vega herself"})).status_code == 200


async def test_who_may_do_less_touches_nobody_who_may_do_more(world: World) -> None:
    await another_owner(world)
    by = headers(world, "members:write", *CLIENT_ROLES[FINANCE])
    me = f"/{world.registered.id}"
    for method, path, body in (
        ("PATCH", me, {"role": "finance"}),
        ("POST", f"{me}/suspend", None),
        ("POST", f"{me}/remove", None),
    ):
        answer = await ask(world, method, path, body, by)
        assert (answer.status_code, answer.json()["code"]) == (403, "may_do_more_than_you")


async def test_the_last_active_owner_stays(world: World) -> None:
    second = await another_owner(world)
    await invite(world, role=OWNER, email="third@vega.example")  # it has not joined
    (await ask(world, "POST", f"/{world.registered.id}/suspend", by=owner(world, second["id"])))
    everybody = headers(world, *Permission, everywhere=True)
    for method, path, body in (
        ("PATCH", f"/{second['id']}", {"role": "reader"}),
        ("POST", f"/{second['id']}/suspend", None),
        ("POST", f"/{second['id']}/remove", None),
    ):
        answer = await ask(world, method, path, body, everybody)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner"), path
    answer = await ask(
        world, "PATCH", f"/{second['id']}", {"permissions": ["keys:read"]}, everybody
    )
    assert answer.status_code == 200


async def test_two_owners_who_remove_each_other_at_once_leave_one(world: World) -> None:
    second = await another_owner(world)
    first = str(world.registered.id)
    answers = await asyncio.gather(
        ask(world, "POST", f"/{first}/remove", by=owner(world, second["id"])),
        ask(world, "POST", f"/{second['id']}/remove", by=owner(world, first)),
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert len(await world.clients.stated(ClientUserRemoved)) == 1


async def test_a_suspended_user_resumes_to_what_it_was(world: World) -> None:
    invited = await invite(world)
    joined = await invite(world, email="joined@vega.example")
    await join(world, joined)
    for member, status in ((invited, "invited"), (joined, "active")):
        path = f"/{member['id']}"
        assert (await ask(world, "POST", f"{path}/suspend")).json()["status"] == "suspended"
        assert (await ask(world, "POST", f"{path}/suspend")).status_code == 200
        assert (await ask(world, "POST", f"{path}/resume")).json()["status"] == status
    assert len(await world.clients.stated(ClientUserSuspended)) == 2
    assert len(await world.clients.stated(ClientUserResumed)) == 2


async def test_one_who_joins_while_suspended_stays_suspended(world: World) -> None:
    member = await invite(world)
    await ask(world, "POST", f"/{member['id']}/suspend")
    await join(world, member)
    assert (await ask(world, "GET", f"/{member['id']}")).json()["status"] == "suspended"
    assert (await ask(world, "POST", f"/{member['id']}/resume")).json()["status"] == "active"


async def test_who_was_removed_is_so_for_good(world: World) -> None:
    member = await invite(world)
    path = f"/{member['id']}"
    assert (await ask(world, "POST", f"{path}/remove")).json()["status"] == "removed"
    for method, end, body in (
        ("PATCH", "", {"name": "X"}),
        ("POST", "/suspend", None),
        ("POST", "/resume", None),
        ("POST", "/remove", None),
    ):
        answer = await ask(world, method, path + end, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "user_removed")


async def test_another_version_is_refused(world: World) -> None:
    member = await invite(world)
    stale = {"If-Match": '"7"'}
    for method, end, body in (("PATCH", "", {"name": "X"}), ("POST", "/suspend", None)):
        answer = await ask(world, method, f"/{member['id']}{end}", body, **stale)
        assert answer.status_code == 412


async def test_what_changes_nothing_states_nothing(world: World) -> None:
    member = await invite(world)
    same = {"name": member["name"], "role": member["role"], "permissions": []}
    answer = await ask(world, "PATCH", f"/{member['id']}", same)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert await world.clients.stated(ClientUserChanged) == []


async def test_a_client_user_may_be_of_no_other_client(world: World) -> None:
    other = a_registration(world.provider).model_copy(update={"email": "lyra@example.com"})
    await world.clients.deliver(other)
    foreign = await invite(world)
    lyra = headers(world, *CLIENT_ROLES[OWNER], reach={"client": [other.client_id]})
    for path in (
        f"/clients/{world.client_id}/users/{foreign['id']}",
        f"/clients/{other.client_id}/users/{foreign['id']}",
        f"/clients/{other.client_id}/users/{new_id()}",
    ):
        for method, end in (("GET", ""), ("POST", "/suspend"), ("POST", "/remove")):
            answer = await world.clients.http.request(method, path + end, headers=lyra)
            assert answer.status_code == 404, (method, path + end)
    both = headers(world, *CLIENT_ROLES[OWNER], everywhere=True)
    mixed = f"/clients/{other.client_id}/users/{foreign['id']}"
    assert (await world.clients.http.get(mixed, headers=both)).status_code == 404


async def test_an_employee_elsewhere_invites_nobody(world: World) -> None:
    by = headers(world, *Permission, reach={"provider": [a_provider().id]})
    assert (await ask(world, "POST", "", wish(), by)).status_code == 404


async def test_no_impersonator_and_no_key_lets_anybody_in(world: World) -> None:
    member = await invite(world)
    rights = CLIENT_ROLES[OWNER]
    employee = str(new_id())
    acting = headers(world, *rights, act={"sub": employee}, onbehalfof="client/x", reason="help")
    key = headers(world, *rights, amr=[])
    for by in (acting, key):
        for method, path, body in (
            ("POST", "", wish(email="x@example.com")),
            ("PATCH", f"/{member['id']}", {"role": "reader"}),
            ("POST", f"/{member['id']}/remove", None),
        ):
            answer = await ask(world, method, path, body, by)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")


async def test_who_may_only_read_changes_nothing(world: World) -> None:
    member = await invite(world)
    by = headers(world, Permission.MEMBERS_READ)
    assert (await ask(world, "GET", "", by=by)).status_code == 200
    assert (await ask(world, "POST", "", wish(), by)).status_code == 403
    assert (await ask(world, "POST", f"/{member['id']}/remove", by=by)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("role", "emperor"), ("name", ""), ("permissions", ["moon:walk"])],
)
async def test_bad_input_is_told_by_field(world: World, field: str, value: Any) -> None:
    answer = await ask(world, "POST", "", wish(**{field: value}))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


async def test_a_changed_login_is_the_users_address(world: World) -> None:
    member = await invite(world)
    await join(world, member)
    changed = activated(member, UserEmailChanged, email="new@vega.example")
    await world.clients.deliver(changed)
    assert (await ask(world, "GET", f"/{member['id']}")).json()["email"] == "new@vega.example"


async def test_who_was_invited_where_somebody_signs_in_says_so_and_is_invited_elsewhere(
    world: World,
) -> None:
    member = await invite(world)
    assert member["refused_because"] is None
    somebody = activated(member | {"id": new_id(), "client_id": new_id()}, UserSuspended)
    await world.clients.deliver(somebody)
    (changed,) = await world.clients.stated(ClientUserChanged)
    assert changed["data"]["refused_because"] == "address_in_use"
    path = f"/{member['id']}"
    found = (await ask(world, "GET", path)).json()
    assert (found["status"], found["refused_because"]) == ("invited", "address_in_use")
    still = await ask(world, "PATCH", path, {"email": member["email"]})
    assert (still.status_code, still.json()["code"]) == (409, "email_taken")
    other = await ask(world, "PATCH", path, {"email": "fin@home.example"})
    assert (other.status_code, other.json()["refused_because"]) == (200, None)
    assert (await world.clients.stated(ClientUserChanged))[-1]["data"]["email"] == (
        "fin@home.example"
    )


async def test_who_was_refused_is_invited_once_more_at_an_address_that_has_become_free(
    world: World,
) -> None:
    member = await invite(world)
    somebody = member | {"id": new_id(), "client_id": new_id()}
    await world.clients.deliver(activated(somebody, UserSuspended))
    await world.clients.deliver(activated(somebody, UserLeft, status=UserStatus.LEFT))
    again = await ask(world, "PATCH", f"/{member['id']}", {"email": member["email"]})
    assert (again.status_code, again.json()["refused_because"]) == (200, None)
    assert len(await world.clients.stated(ClientUserChanged)) == 2


async def test_one_of_two_at_an_address_is_who_signs_in_with_it(world: World) -> None:
    """Its owner has moved to the address at which another was invited meanwhile."""
    owner_of_it = await another_owner(world)
    member = await invite(world)
    moved = activated(owner_of_it | {"email": member["email"]}, UserEmailChanged)
    await world.clients.deliver(moved)
    people = (await ask(world, "GET", "")).json()["data"]
    said = {one["id"]: (one["email"], one["refused_because"]) for one in people}
    assert said[owner_of_it["id"]] == (member["email"], None)
    assert said[member["id"]] == (member["email"], "address_in_use")


async def test_the_address_of_who_has_signed_up_is_changed_by_nobody_else(world: World) -> None:
    member = await invite(world)
    await join(world, member)
    answer = await ask(world, "PATCH", f"/{member['id']}", {"email": "other@vega.example"})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_is_the_users")
    same = await ask(world, "PATCH", f"/{member['id']}", {"email": member["email"], "name": "F."})
    assert (same.status_code, same.json()["name"]) == (200, "F.")


async def test_nobody_readdresses_itself_or_whoever_may_do_more(world: World) -> None:
    member = await invite(world, role=OWNER)
    by = headers(world, "members:write", *CLIENT_ROLES[READER])
    body = {"email": "mine@vega.example"}
    answer = await ask(world, "PATCH", f"/{member['id']}", body, by)
    assert (answer.status_code, answer.json()["code"]) == (403, "may_do_more_than_you")
    own = await ask(world, "PATCH", f"/{member['id']}", body, owner(world, member["id"]))
    assert (own.status_code, own.json()["code"]) == (403, "own_rights")
