"""`/sessions` over HTTP."""

import asyncio

from argon2 import PasswordHasher
from services.identity.tests.making import (
    EMAIL,
    PASSWORD,
    actor_of,
    employee,
    invitation,
    registered,
    sign_in,
)
from sqlalchemy import select, update

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionStarted
from florin_contracts.permissions import CLIENT_ROLES, ClientRole
from florin_identity.models import Credential, User
from florin_identity.models.passwords import ARGON2ID


async def test_who_registered_can_sign_in_at_once_as_the_owner(identity: Harness) -> None:
    made = await registered(identity)
    answer = await sign_in(identity, "VEGA@example.com")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    assert body["user_id"] == made["user"]["id"]
    actor = await actor_of(identity, body["access_token"])
    assert actor.name == f"user/{made['user']['id']}"
    assert actor.permissions == CLIENT_ROLES[ClientRole.OWNER]
    assert {k: {str(i) for i in ids} for k, ids in actor.reach.items()} == {
        "client": {made["client_id"]}
    }
    assert (actor.everywhere, actor.on_behalf_of) == (False, None)


async def test_a_session_is_stated_in_the_name_of_the_user(identity: Harness) -> None:
    made = await registered(identity)
    session = (await sign_in(identity)).json()
    (event,) = await identity.stated(SessionStarted)
    assert event["data"]["id"] == session["session_id"]
    assert event["data"]["user_id"] == made["user"]["id"]
    assert event["envelope"]["actor"] == f"user/{made['user']['id']}"


async def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(
    identity: Harness,
) -> None:
    await registered(identity)
    wrong = await sign_in(identity, EMAIL, PASSWORD + "!")
    unknown = await sign_in(identity, "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert wrong.json()["code"] == "wrong_credentials"
    assert dict(wrong.headers) == dict(unknown.headers)
    assert await identity.stated(SessionStarted) == []


async def test_who_is_invited_or_suspended_gets_that_same_answer(identity: Harness) -> None:
    invited = employee()
    await identity.deliver(invited)
    await invitation(identity, invited.id)
    await registered(identity)
    await set_status(identity, "suspended")
    answers = [await sign_in(identity, email) for email in (invited.email, EMAIL, "no@example.com")]
    await set_status(identity, "active")
    assert [a.status_code for a in answers] == [401, 401, 401]
    assert len({a.content for a in answers}) == 1


async def set_status(identity: Harness, status: str) -> None:
    """Behind the service's back, without an event: nothing suspends a user yet."""
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(User).where(User.email == EMAIL).values(status=status))


async def test_a_hash_of_outdated_parameters_is_renewed_at_sign_in(identity: Harness) -> None:
    await registered(identity)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Credential).values(password_hash=old))
    assert (await sign_in(identity, EMAIL, "a wrong password")).status_code == 401
    async with identity.runtime.database.engine.connect() as connection:
        assert await connection.scalar(select(Credential.password_hash)) == old
    assert (await sign_in(identity)).status_code == 201
    async with identity.runtime.database.engine.connect() as connection:
        renewed = (await connection.scalars(select(Credential.password_hash))).one()
    assert renewed != old
    assert not ARGON2ID.check_needs_rehash(renewed)
    assert (await sign_in(identity)).status_code == 201


async def test_a_user_may_have_many_sessions(identity: Harness) -> None:
    await registered(identity)
    answers = await asyncio.gather(*(sign_in(identity) for _ in range(4)))
    assert [a.status_code for a in answers] == [201] * 4
    assert len({a.json()["session_id"] for a in answers}) == 4
    assert len({a.json()["access_token"] for a in answers}) == 4


async def test_a_token_is_never_kept_for_an_idempotency_key(identity: Harness) -> None:
    await registered(identity)
    body, headers = {"email": EMAIL, "password": PASSWORD}, {"Idempotency-Key": "once"}
    tokens = {
        (await identity.http.post("/sessions", json=body, headers=headers)).json()["access_token"]
        for _ in "12"
    }
    assert len(tokens) == 2
