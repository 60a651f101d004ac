"""`/users/{user_id}/suspend` and `resume` over HTTP: who may sign in, and that somebody can."""

import asyncio
from typing import Any
from uuid import UUID

from services.identity.tests.making import (
    EMAIL,
    employee,
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
from florin_contracts.providers import EmployeeState


def everything(identity: Harness, sub: UUID | None = None) -> dict[str, str]:
    return identity.signed_in(*Permission, everywhere=True, sub=str(sub or new_id()))


async def ask(identity: Harness, user_id: UUID | str, act: str, by: Any = None, **sent: str) -> Any:
    by = everything(identity) if by is None else by
    return await identity.http.post(f"/users/{user_id}/{act}", headers=by | sent)


async def administrator(identity: Harness, email: str) -> EmployeeState:
    return await working(identity, administrator=True, email=email)


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
    event = employee()
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
    event = await administrator(identity, "a@example.com")
    await administrator(identity, "b@example.com")
    for act in ("suspend", "resume"):
        answer = await ask(identity, event.id, act, everything(identity, event.id))
        assert (answer.status_code, answer.json()["code"]) == (403, "own_login")


async def test_the_last_administrator_who_can_sign_in_stays(identity: Harness) -> None:
    last = await administrator(identity, "a@example.com")
    invited = employee(administrator=True, email="b@example.com")  # it has no password yet
    await identity.deliver(invited)
    answer = await ask(identity, last.id, "suspend")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    second = await administrator(identity, "c@example.com")
    assert (await ask(identity, last.id, "suspend")).status_code == 200
    answer = await ask(identity, second.id, "suspend")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")


async def test_two_administrators_who_suspend_each_other_at_once_leave_one(
    identity: Harness,
) -> None:
    one = await administrator(identity, "a@example.com")
    two = await administrator(identity, "b@example.com")
    answers = await asyncio.gather(
        ask(identity, two.id, "suspend", everything(identity, one.id)),
        ask(identity, one.id, "suspend", everything(identity, two.id)),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await identity.stated(UserSuspended)) == 1


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
