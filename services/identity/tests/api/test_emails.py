"""`/email-verifications` and `/email-changes` over HTTP, and the letters that they send."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from services.identity.tests.mailbox import Mailbox, mailbox, mailer, mailing, sent, text_of
from services.identity.tests.making import EMAIL, PASSWORD, registered, registration
from sqlalchemy import delete, func, select

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserEmailChanged, UserEmailVerified
from florin_identity.models import OneTimeLink, SecurityAct, SecurityEntry

NEW = "vega.new@example.com"


@asynccontextmanager
async def post(identity: Harness) -> AsyncIterator[Mailbox]:
    """A mail server, and a mailer at work."""
    async with mailbox() as box, mailer(mailing(identity, box)):
        yield box


def myself(identity: Harness, user: dict[str, Any], **claims: Any) -> dict[str, str]:
    """Headers of a user who signed in itself."""
    return identity.signed_in(sub=user["id"], **{"amr": ["pwd"], **claims})


async def verify(identity: Harness, token: str) -> Any:
    return await identity.http.post("/email-verifications/confirm", json={"token": token})


async def confirm(identity: Harness, token: str) -> Any:
    return await identity.http.post("/email-changes/confirm", json={"token": token})


async def change(identity: Harness, user: dict[str, Any], email: str, **more: str) -> Any:
    body = {"email": email, "password": PASSWORD, **more}
    return await identity.http.post("/email-changes", json=body, headers=myself(identity, user))


async def acts(identity: Harness) -> list[str]:
    async with identity.runtime.database.engine.connect() as connection:
        return list(await connection.scalars(select(SecurityEntry.act).order_by(SecurityEntry.id)))


async def test_who_registered_proves_its_address_by_the_link_once(identity: Harness) -> None:
    async with post(identity) as box:
        user = (await registered(identity))["user"]
        await sent(box, EMAIL)
    assert user["email_verified"] is False
    answers = [await verify(identity, box.token()) for _ in "12"]
    assert [(a.status_code, a.content and a.json()["code"]) for a in answers] == [
        (204, b""),
        (409, "link_not_valid"),
    ]
    (event,) = await identity.stated(UserEmailVerified)
    assert (event["data"]["email_verified"], event["envelope"]["actor"]) == (
        True,
        f"user/{user['id']}",
    )
    assert SecurityAct.EMAIL_VERIFIED in await acts(identity)


async def test_another_link_can_be_asked_for_until_the_address_is_verified(
    identity: Harness,
) -> None:
    async with post(identity) as box:
        user = (await registered(identity))["user"]
        await sent(box, EMAIL)
        async with identity.runtime.database.engine.begin() as connection:
            await connection.execute(delete(OneTimeLink))  # as if its time had passed
        headers = myself(identity, user)
        answer = await identity.http.post("/email-verifications", headers=headers)
        assert (answer.status_code, answer.content) == (202, b"")
        await sent(box, EMAIL, EMAIL)
    assert (await verify(identity, box.token(0))).status_code == 409
    assert (await verify(identity, box.token(1))).status_code == 204
    answer = await identity.http.post("/email-verifications", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_verified_already")


async def test_a_registration_with_a_used_address_tells_its_owner_once_a_day(
    identity: Harness,
) -> None:
    async with post(identity) as box:
        await registered(identity)
        await sent(box, EMAIL)
        for _ in range(3):
            body = await registration(identity, name="http://evil.example")
            answer = await identity.http.post("/registrations", json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
        await sent(box, EMAIL, EMAIL)
        await identity.http.post("/registrations", json=await registration(identity, email=NEW))
        await sent(box, EMAIL, EMAIL, NEW)
    assert "belongs to your account" in text_of(box.received[1])
    assert all("evil" not in message.as_string() for message in box.received)


async def test_an_address_changes_when_both_have_agreed_in_either_order(
    identity: Harness,
) -> None:
    for first in (0, 1):
        email, new = f"vega{first}@example.com", f"new{first}@example.com"
        user = (await registered(identity, email=email))["user"]
        async with post(identity) as box:
            await sent(box, email)
            assert (await change(identity, user, new)).status_code == 202
            await sent(box, email, email, new)
            tokens = [box.token(1), box.token(2)]
            answers = [await confirm(identity, tokens[number]) for number in (first, 1 - first)]
            assert [a.json() for a in answers] == [{"complete": False}, {"complete": True}]
            await sent(box, email, email, new, email)
        event = (await identity.stated(UserEmailChanged))[-1]
        assert (event["data"]["email"], event["data"]["email_verified"]) == (new, True)
        assert "another address" in str(box.received[3]["Subject"])
        for old_link in (box.token(0), *tokens):
            assert (await confirm(identity, old_link)).status_code == 409
        assert (await verify(identity, box.token(0))).status_code == 409
    assert SecurityAct.EMAIL_CHANGED in await acts(identity)


async def test_only_who_knows_the_password_and_signed_in_itself_changes_the_address(
    identity: Harness,
) -> None:
    user = (await registered(identity))["user"]
    answer = await change(identity, user, NEW, password="not the password at all")
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert SecurityAct.SIGN_IN_FAILED in await acts(identity)
    body = {"email": NEW, "password": PASSWORD}
    claims: dict[str, Any]
    for claims in ({"amr": []}, {"act": {"sub": user["id"]}, "onbehalfof": "client/x"}):
        headers = myself(identity, user, **claims)
        answer = await identity.http.post("/email-changes", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")
    answer = await change(identity, user, EMAIL)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_unchanged")


async def test_who_asks_for_anothers_address_learns_nothing_and_the_other_is_told(
    identity: Harness,
) -> None:
    user = (await registered(identity))["user"]
    await registered(identity, email=NEW)
    async with post(identity) as box:
        await sent(box, EMAIL, NEW)
        free = await change(identity, user, "free@example.com")
        await sent(box, EMAIL, NEW, EMAIL, "free@example.com")
        taken = await change(identity, user, NEW)
        assert (free.status_code, free.content) == (taken.status_code, taken.content) == (202, b"")
        await sent(box, EMAIL, NEW, EMAIL, "free@example.com", EMAIL, NEW)
        numbers = {str(message["To"]): n for n, message in enumerate(box.received)}
        assert "#token" not in text_of(box.received[numbers[NEW]])
        answer = await confirm(identity, box.token(numbers[EMAIL]))
        assert answer.json() == {"complete": False}
    assert await identity.stated(UserEmailChanged) == []


async def test_an_address_that_was_taken_meanwhile_stays_its_owners(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    async with post(identity) as box:
        await sent(box, EMAIL)
        await change(identity, user, NEW)
        await sent(box, EMAIL, EMAIL, NEW)
        await registered(identity, email=NEW)
        assert (await confirm(identity, box.token(1))).json() == {"complete": False}
        answer = await confirm(identity, box.token(2))
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert await identity.stated(UserEmailChanged) == []


@pytest.mark.parametrize("path", ["/email-verifications/confirm", "/email-changes/confirm"])
@pytest.mark.parametrize("token", ["", "x" * 201, "\ud800", 7, None])
async def test_what_is_no_token_is_malformed_or_not_valid(
    identity: Harness, path: str, token: object
) -> None:
    content = json.dumps({"token": token})
    headers = {"Content-Type": "application/json"}
    answer = await identity.http.post(path, content=content, headers=headers)
    assert answer.status_code in {409, 422}
    async with identity.runtime.database.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(OneTimeLink)) == 0
