"""Signing keys change under way: in the database, in every process, and for every verifier."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
from joserfc.jws import extract_compact
from services.identity.tests.programs import ask_token, service_account
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from florin_chassis.actor import process_actor
from florin_chassis.errors import Unauthenticated
from florin_chassis.processes import service_app
from florin_chassis.published_keys import PublishedKeys
from florin_chassis.revocations import SKEW_S
from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import AUDIENCE, ISSUER
from florin_chassis.tokens import TokenVerifier
from florin_contracts.permissions import Permission
from florin_identity.commands.rotate_keys import rotate_keys
from florin_identity.models import SecurityEntry, SigningKey
from florin_identity.models.key_rotation import Wanted
from florin_identity.settings import Settings
from florin_identity.use_cases.rotate_signing_keys import (
    ROTATE_SIGNING_KEYS,
    Rotation,
    rotate_signing_keys,
)

AGED = text("UPDATE signing_keys SET since = since - make_interval(secs => :seconds)")
PUBLISHED = "/.well-known/jwks.json"


@dataclass
class Replicas:
    """Two API processes on one database, and verifiers that ask the one or the other."""

    identity: Harness
    apis: list[httpx.AsyncClient]
    verifiers: list[TokenVerifier]

    async def token(self, api: int, account: dict[str, Any]) -> str:
        form = {"grant_type": "client_credentials", "client_id": account["id"]}
        form["client_secret"] = account["client_secret"]
        answer = await self.apis[api].post("/oauth2/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def published(self, api: int) -> list[str]:
        return [key["kid"] for key in (await self.apis[api].get(PUBLISHED)).json()["keys"]]


@pytest.fixture
async def replicas(identity: Harness, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replicas]:
    """Whose rings are renewed and whose verifiers ask as soon as there is reason to."""
    monkeypatch.setattr("florin_identity.models.key_ring.RENEWED_EVERY_S", 0)
    monkeypatch.setattr("florin_chassis.published_keys._ASKED_EVERY_S", 0)
    async with AsyncExitStack() as stack:
        apis = []
        for _ in range(2):
            app = await service_app(identity.service, identity.runtime)
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://identity"
            )
            apis.append(await stack.enter_async_context(client))
        verifiers = [
            TokenVerifier(PublishedKeys(f"http://identity{PUBLISHED}", api), ISSUER, AUDIENCE)
            for api in apis
        ]
        yield Replicas(identity, apis, verifiers)


async def rotate(identity: Harness, wanted: Wanted) -> Rotation:
    begin = identity.runtime.begin_as(process_actor("identity"))
    return await rotate_signing_keys(cast(Settings, identity.runtime.settings), wanted, begin)


async def age(identity: Harness, seconds: int) -> None:
    """Let the keys have been what they are for longer."""
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(AGED, {"seconds": seconds})


async def states(identity: Harness) -> dict[str, str]:
    async with identity.runtime.database.engine.connect() as connection:
        rows = await connection.execute(select(SigningKey.kid, SigningKey.state))
        return {row.kid: row.state for row in rows}


def kid_of(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


async def test_every_process_signs_with_the_next_key_without_a_restart_or_a_refusal(
    replicas: Replicas,
) -> None:
    account = await service_account(replicas.identity, Permission.CLIENTS_READ)
    before = [await replicas.token(api, account) for api in (0, 1)]
    for verifier in replicas.verifiers:
        await verifier.verify(before[0])
    signing, following = await replicas.published(0)
    await age(replicas.identity, 600)
    rotation = await rotate(replicas.identity, Wanted.READY)
    after = [await replicas.token(api, account) for api in (0, 1)]
    assert {kid_of(token) for token in before} == {signing}
    assert {kid_of(token) for token in after} == {following}
    for verifier in replicas.verifiers:
        for token in (*before, *after):
            await verifier.verify(token)
    assert await replicas.published(1) == [key.kid for key in rotation.keys]
    assert rotation.keys[2].kid == signing
    assert rotation.keys[2].sealed_private is None


async def test_the_job_rotates_once_however_many_replicas_run_it(identity: Harness) -> None:
    signing = await states(identity)
    await ROTATE_SIGNING_KEYS.run(identity.runtime)
    assert await states(identity) == signing
    await age(identity, 30 * 86_400)
    await asyncio.gather(*(ROTATE_SIGNING_KEYS.run(identity.runtime) for _ in range(8)))
    assert sorted((await states(identity)).values()) == ["current", "next", "retired"]
    async with identity.runtime.database.engine.connect() as connection:
        noted = select(SecurityEntry.details).where(SecurityEntry.act == "signing_key_rotated")
        (details,) = await connection.scalars(noted)
    assert details["wanted"] == "if due"


async def test_a_retired_key_goes_when_the_last_token_it_signed_has_ended(
    identity: Harness,
) -> None:
    await rotate(identity, Wanted.NOW)
    settings = cast(Settings, identity.runtime.settings)
    await age(identity, settings.token_life_s_max + int(SKEW_S))
    await ROTATE_SIGNING_KEYS.run(identity.runtime)
    assert "retired" in (await states(identity)).values()
    await age(identity, 5 + 60)
    await ROTATE_SIGNING_KEYS.run(identity.runtime)
    assert "retired" not in (await states(identity)).values()


async def test_a_compromised_key_is_refused_by_every_verifier_that_asks_again(
    replicas: Replicas,
) -> None:
    account = await service_account(replicas.identity, Permission.CLIENTS_READ)
    stolen = await replicas.token(0, account)
    for verifier in replicas.verifiers:
        await verifier.verify(stolen)
    before = await replicas.published(0)
    await rotate(replicas.identity, Wanted.COMPROMISED)
    fresh = await replicas.token(1, account)
    for verifier in replicas.verifiers:
        await verifier.verify(fresh)  # a key that it does not know: it asks
        with pytest.raises(Unauthenticated):
            await verifier.verify(stolen)
    assert not {*before} & {*await replicas.published(0), *await states(replicas.identity)}


async def test_the_command_waits_for_verifiers_unless_told_not_to(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await states(identity)
    with pytest.raises(SystemExit, match="the next key signs from"):
        await rotate_keys(identity.runtime, [])
    assert await states(identity) == before
    capsys.readouterr()
    await rotate_keys(identity.runtime, ["--now"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["keys"]
    assert [key["state"] for key in told] == ["current", "next", "retired"]
    assert before[told[0]["kid"]] == "next"
    await rotate_keys(identity.runtime, ["--compromised"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["keys"]
    assert [key["state"] for key in told] == ["current", "next"]
    with pytest.raises(SystemExit):
        await rotate_keys(identity.runtime, ["--now", "--compromised"])


async def test_the_table_itself_allows_one_key_that_signs(identity: Harness) -> None:
    twice = text("UPDATE signing_keys SET state = 'current'")
    with pytest.raises(IntegrityError):
        async with identity.runtime.database.engine.begin() as connection:
            await connection.execute(twice)


async def test_keys_are_published_while_the_database_is_away(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await replicas.published(0)

    async def away(_: object) -> None:
        raise OSError("away")

    monkeypatch.setattr("florin_identity.models.key_ring.read_keys", away)
    assert await replicas.published(0) == before


async def test_the_answer_says_how_long_it_may_be_kept(identity: Harness) -> None:
    answer = await identity.http.get(PUBLISHED)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert (await ask_token(identity, await service_account(identity))).status_code == 200
