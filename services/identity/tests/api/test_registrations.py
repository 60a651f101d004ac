"""`/registrations` over HTTP."""

import asyncio
import json

import pytest
from services.identity.tests.making import PASSWORD, provider, registered, registration

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserRegistered


async def test_a_client_and_its_user_are_registered_at_once(identity: Harness) -> None:
    body = await registration(identity, email="Vega@Example.com")
    answer = await identity.http.post("/registrations", json=body)
    assert answer.status_code == 201, answer.text
    user, client_id = answer.json()["user"], answer.json()["client_id"]
    (event,) = await identity.stated(UserRegistered)
    assert event["data"]["registration"] == {
        "client_id": client_id,
        "provider_id": body["provider_id"],
        "name": "Vega",
        "country": "RU",
    }
    assert {name: event["data"][name] for name in user} == user
    assert event["envelope"]["actor"] == f"user/{user['id']}"
    assert (user["email"], user["kind"], user["status"], user["administrator"]) == (
        "vega@example.com",
        "client",
        "active",
        False,
    )


async def test_a_provider_that_is_unknown_or_closed_takes_nobody(identity: Harness) -> None:
    closed = await provider(identity, open_=False)
    for provider_id, code in ((new_id(), "unknown_provider"), (closed, "registration_closed")):
        body = await registration(identity, provider_id=str(provider_id))
        answer = await identity.http.post("/registrations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await identity.stated() == []


@pytest.mark.parametrize("password", ["too short", "vega@example.com", "Vega Hosting LLC"])
async def test_a_weak_password_is_refused_by_name_and_not_repeated(
    identity: Harness, password: str
) -> None:
    body = await registration(identity, name="Vega Hosting LLC", password=password)
    answer = await identity.http.post("/registrations", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("password", "weak_password")
    assert password not in answer.text
    assert await identity.stated() == []


@pytest.mark.parametrize("password", [None, 12, "\ud800" * 12, "x" * 1_001])
async def test_what_is_no_password_is_malformed(identity: Harness, password: object) -> None:
    body = json.dumps(await registration(identity, password=password))  # a lone surrogate passes
    headers = {"Content-Type": "application/json"}
    answer = await identity.http.post("/registrations", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "password"


async def test_one_email_is_one_user_however_many_register_at_once(identity: Harness) -> None:
    body = await registration(identity)
    attempts = [identity.http.post("/registrations", json=body) for _ in range(6)]
    answers = await asyncio.gather(*attempts)
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"email_taken"}
    assert len(await identity.stated(UserRegistered)) == 1


async def test_an_email_is_the_same_in_capitals(identity: Harness) -> None:
    first = await registered(identity)
    body = await registration(identity, email="VEGA@example.COM")
    answer = await identity.http.post("/registrations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert first["user"]["email"] == "vega@example.com"


async def test_the_same_key_and_body_register_once(identity: Harness) -> None:
    body, headers = await registration(identity), {"Idempotency-Key": "once"}
    first, again = [
        await identity.http.post("/registrations", json=body, headers=headers) for _ in "12"
    ]
    assert first.content == again.content
    assert PASSWORD not in first.text
    assert len(await identity.stated(UserRegistered)) == 1


async def test_an_address_that_asks_for_many_taken_ones_is_told_of_no_more(
    identity: Harness,
) -> None:
    await registered(identity)
    body = await registration(identity)
    answers = [await identity.http.post("/registrations", json=body) for _ in range(11)]
    assert [a.status_code for a in answers] == [409] * 10 + [429]
    assert answers[-1].json()["code"] == "too_many_attempts"
    elsewhere = {"X-Forwarded-For": "198.51.100.1"}
    answer = await identity.http.post("/registrations", json=body, headers=elsewhere)
    assert answer.status_code == 409
