"""`/users/{user_id}/suspend` and `resume` over HTTP: who may sign in, and that somebody can."""

from typing import Any
from uuid import UUID

from services.identity.tests.making import (
    EMAIL,
    employee,
    member,
    registered,
    sign_in,
    token_of,
    working,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import (
    AccessReduced,
    SessionEnded,
    UserResumed,
    UserSuspended,
)
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission


def everything(identity: Harness, sub: UUID | str | None = None) -> dict[str, str]:
    return identity.signed_in(*Permission, everywhere=True, sub=str(sub or new_id()))


async def ask(identity: Harness, user_id: UUID | str, act: str, by: Any = None, **sent: str) -> Any:
    by = everything(identity) if by is None else by
    return await identity.http.post(f"/users/{user_id}/{act}", headers=by | sent)


async def test_a_suspended_user_may_do_nothing_and_is_signed_out(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    await token_of(identity)
    answer = await ask(identity, user["id"], "suspend")
    assert (answer.status_code, answer.json()["status"]) == (200, "suspended")
    assert answer.headers["ETag"] == '"2"'
    (suspended,) = await identity.stated(UserSuspended)
    (reduced,) = await identity.stated(AccessReduced)
    (ended,) = await identity.stated(SessionEnded)
    assert suspended["data"]["id"] == reduced["data"]["id"] == ended["data"]["user_id"]
    assert (reduced["data"]["permissions"], reduced["data"]["client_ids"]) == ([], [])
    assert ended["data"]["end_cause"] == "user_suspended"
    assert (await sign_in(identity)).status_code == 401


async def test_a_resumed_user_signs_in_with_what_it_may_do_by_now(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    await ask(identity, user["id"], "suspend")
    answer = await ask(identity, user["id"], "resume")
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert len(await identity.stated(UserResumed)) == 1
    assert (await sign_in(identity, EMAIL)).status_code == 201


async def test_one_that_was_invited_is_so_again(identity: Harness) -> None:
    event = member()
    await identity.deliver(event)
    await ask(identity, event.id, "suspend")
    assert (await ask(identity, event.id, "resume")).json()["status"] == "invited"


async def test_what_is_so_already_states_nothing(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    assert (await ask(identity, user["id"], "resume")).status_code == 200
    for _ in "12":
        assert (await ask(identity, user["id"], "suspend")).status_code == 200
    assert len(await identity.stated(UserSuspended)) == 1
    assert await identity.stated(UserResumed) == []


async def test_nobody_suspends_or_resumes_itself(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    for act in ("suspend", "resume"):
        answer = await ask(identity, user["id"], act, everything(identity, user["id"]))
        assert (answer.status_code, answer.json()["code"]) == (403, "own_login")


async def test_an_employee_is_suspended_at_providers_alone_which_counts_administrators(
    identity: Harness,
) -> None:
    for administrator in (True, False):
        email = f"{administrator}@example.com".lower()
        event = await working(identity, administrator=administrator, email=email)
        answer = await ask(identity, event.id, "suspend")
        assert (answer.status_code, answer.json()["code"]) == (409, "suspended_by_providers")
    assert await identity.stated(UserSuspended) == []
    assert (await sign_in(identity, event.email)).status_code == 201


async def test_nobody_suspends_who_may_do_more_or_elsewhere(identity: Harness) -> None:
    n1, n2 = new_id(), new_id()
    boss = employee(provider_ids=(n1,), permissions=(Permission.STAFF_WRITE,))
    both = employee(provider_ids=(n1, n2), email="both@example.com")
    await identity.deliver(boss, both)
    by = identity.signed_in(Permission.USERS_WRITE, reach={"provider": [n1]})
    for event in (boss, both):
        for act in ("suspend", "resume"):
            answer = await ask(identity, event.id, act, by)
            assert (answer.status_code, answer.json()["code"]) == (403, "may_do_more_than_you")


async def test_a_user_beyond_reach_is_not_found(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    by = identity.signed_in(*Permission, reach={"provider": [new_id()]})
    assert (await ask(identity, user["id"], "suspend", by)).status_code == 404
    owner = identity.signed_in(*CLIENT_ROLES[ClientRole.OWNER], reach={"client": [new_id()]})
    assert (await ask(identity, user["id"], "suspend", owner)).status_code == 403


async def test_another_version_is_refused(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    for act in ("suspend", "resume"):
        answer = await ask(identity, user["id"], act, **{"If-Match": '"9"'})
        assert answer.status_code == 412
