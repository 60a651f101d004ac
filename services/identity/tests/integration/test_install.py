"""The command `install`, and the signing keys that it makes."""

import asyncio
import base64
import json
from datetime import UTC, datetime
from typing import cast

import pytest
from pydantic import SecretStr
from services.identity.tests.making import (
    EMAIL,
    accept,
    actor_of,
    employee,
    registered,
    token_of,
)
from sqlalchemy import delete, select, text

from florin_chassis.actor import process_actor
from florin_chassis.sealing import NotReadable
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserActivated, UserInvited
from florin_contracts.permissions import ADMINISTRATOR_PERMISSIONS
from florin_identity.models import SigningKey
from florin_identity.models.signing_key import KeyState, make_signing_key
from florin_identity.service import install
from florin_identity.settings import Settings
from florin_identity.use_cases.rotate_signing_keys import LOCK, open_key_ring

ROOT_EMAIL = "root@example.com"
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def settings_of(identity: Harness) -> Settings:
    return cast(Settings, identity.runtime.settings)


async def installed(
    identity: Harness, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, str]:
    capsys.readouterr()
    await install(identity.runtime, ["--email", ROOT_EMAIL, *more])
    line = capsys.readouterr().out.splitlines()[-1]
    return dict(json.loads(line))


async def test_the_first_administrator_sets_a_password_and_may_do_everything(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await installed(identity, capsys)
    (event,) = await identity.stated(UserInvited)
    assert event["data"] == {
        "id": made["user_id"],
        "name": "Administrator",
        "email": ROOT_EMAIL,
        "kind": "employee",
        "status": "invited",
        "administrator": True,
        "client_id": None,
        "email_verified": False,
        "second_factor": False,
    }
    assert event["envelope"]["actor"] == "service/identity"
    assert (await accept(identity, made["invitation_token"])).status_code == 200
    assert len(await identity.stated(UserActivated)) == 1
    actor = await actor_of(identity, await token_of(identity, ROOT_EMAIL))
    assert (actor.permissions, actor.everywhere) == (ADMINISTRATOR_PERMISSIONS, True)


async def test_installing_again_makes_nothing(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await installed(identity, capsys)
    again = await installed(identity, capsys)
    assert again == {"user_id": first["user_id"], "invitation_token": None}
    assert len(await identity.stated(UserInvited)) == 1
    assert (await accept(identity, first["invitation_token"])).status_code == 200


async def test_a_lost_token_is_made_again_until_an_administrator_has_a_password(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = await installed(identity, capsys)
    again = await installed(identity, capsys, "--again")
    assert again["user_id"] == lost["user_id"]
    assert (await accept(identity, lost["invitation_token"])).status_code == 409
    with pytest.raises(SystemExit, match="another address"):
        await install(identity.runtime, ["--email", "thief@example.com", "--again"])
    assert (await accept(identity, again["invitation_token"])).status_code == 200
    with pytest.raises(SystemExit, match="has set a password"):
        await install(identity.runtime, ["--email", ROOT_EMAIL, "--again"])
    assert len(await identity.stated(UserInvited)) == 1


async def test_installing_many_times_at_once_makes_one_administrator(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.gather(
        *(install(identity.runtime, ["--email", f"root{n}@example.com"]) for n in range(5))
    )
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({answer["user_id"] for answer in answers}) == 1
    assert sum(answer["invitation_token"] is not None for answer in answers) == 1
    assert len(await identity.stated(UserInvited)) == 1


async def test_the_employee_that_providers_makes_of_the_administrator_changes_nothing(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await installed(identity, capsys)
    await identity.deliver(employee(id=made["user_id"], email=ROOT_EMAIL, administrator=True))
    assert len(await identity.stated(UserInvited)) == 1


async def test_an_email_that_is_taken_or_none_ends_the_command_with_a_word(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    await registered(identity)
    with pytest.raises(SystemExit, match="already"):
        await install(identity.runtime, ["--email", EMAIL])
    with pytest.raises(SystemExit):
        await install(identity.runtime, ["--email", "nonsense"])
    assert "no email address" in capsys.readouterr().err
    assert await identity.stated(UserInvited) == []


async def test_processes_that_start_at_once_share_one_signing_key(identity: Harness) -> None:
    engine = identity.runtime.database.engine
    begin, settings = identity.runtime.begin_as(process_actor("identity")), settings_of(identity)
    async with engine.begin() as connection:
        await connection.execute(delete(SigningKey))
        await connection.execute(LOCK)  # so that all of them are under way before any goes on
        starting = [asyncio.ensure_future(open_key_ring(settings, begin)) for _ in range(5)]
        async with asyncio.timeout(10):
            while await connection.scalar(WAITING) != len(starting):  # each look takes a while
                pass
    rings = await asyncio.gather(*starting)
    assert len({ring.published["keys"][0]["kid"] for ring in rings}) == 1
    async with engine.connect() as connection:
        states = await connection.scalars(select(SigningKey.state).order_by(SigningKey.state))
        assert list(states) == [KeyState.CURRENT, KeyState.NEXT]


async def test_a_private_key_is_sealed_with_the_secret_and_bound_to_its_id(
    identity: Harness,
) -> None:
    key = make_signing_key(b"x" * 32, KeyState.CURRENT, datetime.now(UTC))
    assert key.sealed_private is not None
    private = str(key.open(b"x" * 32).as_dict(private=True)["d"])
    assert private not in key.sealed_private
    assert private not in json.dumps(key.public)
    with pytest.raises(NotReadable):
        key.open(b"y" * 32)
    with pytest.raises(NotReadable):
        SigningKey(kid="another", sealed_private=key.sealed_private).open(b"x" * 32)
    begin = identity.runtime.begin_as(process_actor("identity"))
    other = SecretStr(base64.b64encode(b"y" * 32).decode())
    foreign = settings_of(identity).model_copy(update={"key_encryption_secret": other})
    with pytest.raises(NotReadable):  # the key of this database has another secret
        await open_key_ring(foreign, begin)
