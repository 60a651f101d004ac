"""A password is in no table, no event, no answer and no log."""

import logging

import pytest
from services.identity.tests.making import (
    EMAIL,
    accept,
    employee,
    invitation,
    registration,
)
from sqlalchemy import text

from florin_chassis.testing.harness import Harness

REGISTERED = "the password that was registered"
ACCEPTED = "the password that was accepted"


async def everything_kept(identity: Harness) -> dict[str, str]:
    """Every row of every table as text, by table; bytes as hexadecimal digits."""
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    async with identity.runtime.database.engine.connect() as connection:
        names = list(await connection.scalars(tables))
        return {
            name: "\n".join(await connection.scalars(text(f'SELECT t::text FROM "{name}" t')))  # noqa: S608
            for name in names
        }


async def test_a_password_is_kept_nowhere_and_logged_nowhere(
    identity: Harness, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = await registration(identity, password=REGISTERED)
    key = {"Idempotency-Key": "once"}
    answers = [await identity.http.post("/registrations", json=body, headers=key) for _ in "12"]
    answers.append(await identity.http.post("/registrations", json=body))
    for password in (REGISTERED, REGISTERED + "!"):
        login = {"email": EMAIL, "password": password}
        answers.append(await identity.http.post("/sessions", json=login, headers=key))
    event = employee()
    await identity.deliver(event)
    token = await invitation(identity, event.id)
    answers += [await accept(identity, token, ACCEPTED) for _ in "12"]
    signed_in = answers[3].json()
    assert [a.status_code for a in answers] == [201, 201, 409, 201, 401, 200, 409]

    kept = await everything_kept(identity)
    assert EMAIL in kept["outbox"]
    assert kept["audit"]
    assert kept["idempotency_records"]
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept["credentials"]
    output = capsys.readouterr()
    places = {**kept, "logs": caplog.text, "out": output.out, "err": output.err}
    places |= {f"answer {n}": a.text for n, a in enumerate(answers) if n != 3}
    issued = signed_in["access_token"], signed_in["refresh_token"]
    for secret in (REGISTERED, ACCEPTED, token, *issued):
        for form in (secret, secret.encode().hex()):
            assert [place for place, content in places.items() if form in content] == []


async def test_a_hash_is_in_no_table_but_its_own(identity: Harness) -> None:
    body = await registration(identity, password=REGISTERED)
    await identity.http.post("/registrations", json=body, headers={"Idempotency-Key": "once"})
    kept = await everything_kept(identity)
    assert [name for name, rows in kept.items() if "argon2" in rows] == ["credentials"]
