"""`/invitations` and `/users/{user_id}/invitation` over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.identity.tests.making import (
    accept,
    employee,
    invitation,
    inviter,
    member,
    registered,
    sign_in,
)
from sqlalchemy import func, select, update

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserActivated
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission, Section
from florin_contracts.providers import DepartmentCreated
from florin_identity.models import OneTimeLink


async def test_an_invited_employee_sets_a_password_and_signs_in(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    answer = await accept(identity, await invitation(identity, event.id))
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "active"
    (activated,) = await identity.stated(UserActivated)
    assert activated["data"]["id"] == str(event.id)
    assert activated["envelope"]["actor"] == f"user/{event.id}"
    assert (await sign_in(identity, event.email)).status_code == 201


async def test_an_invitation_is_used_once_however_many_try_at_once(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    token = await invitation(identity, event.id)
    passwords = [f"a long password, number {number}" for number in range(6)]
    answers = await asyncio.gather(*(accept(identity, token, p) for p in passwords))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"invitation_not_valid"}
    assert len(await identity.stated(UserActivated)) == 1
    (first,) = (p for p, a in zip(passwords, answers, strict=True) if a.status_code == 200)
    assert (await sign_in(identity, event.email, first)).status_code == 201


async def test_an_unknown_a_replaced_and_an_expired_token_are_refused_alike(
    identity: Harness,
) -> None:
    event = employee()
    await identity.deliver(event)
    replaced = await invitation(identity, event.id)
    expired = await invitation(identity, event.id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(OneTimeLink).values(expires_at=past))
    answers = [await accept(identity, token) for token in ("unknown", replaced, expired)]
    assert [a.status_code for a in answers] == [409, 409, 409]
    assert {a.content for a in answers} == {answers[0].content}
    assert answers[0].json()["code"] == "invitation_not_valid"
    assert (await accept(identity, await invitation(identity, event.id))).status_code == 200


async def test_a_weak_password_does_not_use_the_invitation_up(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    token = await invitation(identity, event.id)
    for weak in ("short", event.email):
        assert (await accept(identity, token, weak)).status_code == 422
    assert (await accept(identity, token)).status_code == 200


async def test_only_the_sha_256_of_a_token_is_kept(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    token = await invitation(identity, event.id)
    async with identity.runtime.database.engine.connect() as connection:
        (kept,) = (await connection.scalars(select(OneTimeLink.token_hash))).all()
    assert len(kept) == 32
    assert token.encode() not in kept


async def test_who_has_a_password_is_not_invited_again(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    answer = await identity.http.post(f"/users/{user['id']}/invitation", headers=inviter(identity))
    assert (answer.status_code, answer.json()["code"]) == (409, "user_not_invited")


async def test_nobody_can_invite_itself_into_more_than_it_holds(identity: Harness) -> None:
    n1 = new_id()
    sam = employee(permissions=(Permission.STAFF_WRITE,), provider_ids=(n1,))
    boss = employee(administrator=True, email="boss@example.com", provider_ids=(n1,))
    await identity.deliver(sam, boss)
    for user, permissions, status in (
        (sam, [Permission.USERS_INVITE], 403),
        (boss, [p for p in Permission if p != Permission.CLIENTS_IMPERSONATE], 403),
        (boss, [*Permission], 403),
        (sam, [Permission.USERS_INVITE, Permission.STAFF_WRITE], 201),
    ):
        headers = identity.signed_in(*permissions, reach={"provider": [n1]}, amr=["pwd"])
        answer = await identity.http.post(f"/users/{user.id}/invitation", headers=headers)
        assert answer.status_code == status, (user.name, permissions)
        assert status == 201 or answer.json()["code"] == "grants_more_than_held"


async def test_a_department_that_has_not_arrived_is_taken_to_allow_everything(
    identity: Harness,
) -> None:
    department = DepartmentCreated(
        id=new_id(), name="technical support", sections=(Section.SUPPORT,), permissions=()
    )
    event = employee(department_ids=(department.id,))
    await identity.deliver(event)
    headers = identity.signed_in(
        Permission.USERS_INVITE,
        Permission.SUPPORT_READ,
        Permission.SUPPORT_HANDLE,
        everywhere=True,
        amr=["pwd"],
    )
    path = f"/users/{event.id}/invitation"
    assert (await identity.http.post(path, headers=headers)).status_code == 403
    await identity.deliver(department)
    assert (await identity.http.post(path, headers=headers)).status_code == 201


async def test_a_user_beyond_the_inviters_reach_is_not_found(identity: Harness) -> None:
    event = employee(provider_ids=(new_id(),))
    await identity.deliver(event)
    headers = identity.signed_in(*Permission, reach={"provider": [new_id()]}, amr=["pwd"])
    answer = await identity.http.post(f"/users/{event.id}/invitation", headers=headers)
    assert answer.status_code == 404


def owner(identity: Harness, client_id: UUID, **claims: Any) -> dict[str, str]:
    """Who owns a client's account, in person."""
    reach = {"client": [client_id]}
    return identity.signed_in(
        *CLIENT_ROLES[ClientRole.OWNER], reach=reach, **{"amr": ["pwd"]} | claims
    )


async def test_a_clients_owner_renews_an_expired_invitation_of_its_own_people_only(
    identity: Harness,
) -> None:
    event = member()
    await identity.deliver(event)
    path = f"/users/{event.id}/invitation"
    stranger = await identity.http.post(path, headers=owner(identity, new_id()))
    assert stranger.status_code == 404
    expired = (await identity.http.post(path, headers=owner(identity, event.client_id))).json()
    async with identity.begin() as transaction:
        past = update(OneTimeLink).values(expires_at=func.now())
        await transaction.session.execute(past)
    refused = await accept(identity, expired["invitation_token"])
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_not_valid")
    renewed = (await identity.http.post(path, headers=owner(identity, event.client_id))).json()
    assert (await accept(identity, renewed["invitation_token"])).status_code == 200


async def test_who_is_no_owner_and_who_is_not_there_in_person_renews_none(
    identity: Harness,
) -> None:
    event = member()
    await identity.deliver(event)
    path = f"/users/{event.id}/invitation"
    finance = identity.signed_in(
        *CLIENT_ROLES[ClientRole.FINANCE], reach={"client": [event.client_id]}, amr=["pwd"]
    )
    assert (await identity.http.post(path, headers=finance)).status_code == 403
    by_key = owner(identity, event.client_id, amr=None)
    answer = await identity.http.post(path, headers=by_key)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")
    assert await identity.stated(UserActivated) == []


async def test_an_owner_invites_nobody_into_more_than_it_holds(identity: Harness) -> None:
    event = member(role=ClientRole.OWNER)
    await identity.deliver(event)
    less = CLIENT_ROLES[ClientRole.OWNER] - {Permission.KEYS_WRITE}
    by = identity.signed_in(*less, reach={"client": [event.client_id]}, amr=["pwd"])
    answer = await identity.http.post(f"/users/{event.id}/invitation", headers=by)
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
