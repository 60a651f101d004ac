"""A sign-in and a change of what it signs in with at the same moment: one of them is first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from services.identity.tests.making import PASSWORD, registered, sign_in
from services.identity.tests.proving import (
    challenged,
    entered,
    finish,
    noted,
    post,
    with_passkey,
    with_totp,
)
from services.identity.tests.soft_authenticator import SoftAuthenticator
from sqlalchemy import func, select, text, update

from florin_chassis.testing.harness import Harness
from florin_chassis.transaction import Transaction
from florin_contracts.identity import SessionEndCause
from florin_identity.models import Credential, Session, User
from florin_identity.models.closing import close_login
from florin_identity.models.ending import end_sessions
from florin_identity.models.factor_changes import factor_added, remove_factors
from florin_identity.models.new_password import replace_password
from florin_identity.models.passwords import ARGON2ID, Hasher
from florin_identity.models.second_factors import find_factors

NEW = "another battery, another horse"
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
Change = Callable[[Transaction, User], Awaitable[None]]


async def waiting(identity: Harness, count: int) -> None:
    """Until so many connections wait for what another has locked."""
    async with asyncio.timeout(20), identity.runtime.database.engine.connect() as observer:
        while await observer.scalar(WAITING) < count:
            await observer.rollback()  # statistics are those of a transaction's first look
            await asyncio.sleep(0)


async def while_changing(
    identity: Harness, user_id: str, change: Change, ask: Callable[[], Any]
) -> httpx.Response:
    """What was answered to whoever asked after the change, and before it was committed."""
    async with identity.begin() as transaction:
        user = await transaction.get(User, UUID(user_id))
        await change(transaction, user)
        await transaction.session.flush()
        asked: asyncio.Future[httpx.Response] = asyncio.ensure_future(ask())
        await waiting(identity, 1)
    return await asked


async def going_on(identity: Harness) -> int:
    wanted = select(func.count()).select_from(Session).where(Session.ended_at.is_(None))
    async with identity.runtime.database.engine.connect() as connection:
        return int(await connection.scalar(wanted) or 0)


async def other_password(transaction: Transaction, user: User) -> None:
    await replace_password(transaction, user, ARGON2ID.hash(NEW), by="its owner")
    await end_sessions(transaction, user.id, SessionEndCause.PASSWORD_CHANGED)


async def suspension(transaction: Transaction, user: User) -> None:
    await close_login(transaction, user, user.suspend())


async def no_factors(transaction: Transaction, user: User) -> None:
    factors = await find_factors(transaction.session, user.id)
    await remove_factors(transaction, user, [factor.id for factor in factors])


async def a_factor(transaction: Transaction, user: User) -> None:
    factor_added(transaction, user, "totp", "phone")


@asynccontextmanager
async def after_hashing(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[], Awaitable[Any]]
) -> AsyncIterator[None]:
    """The first password that is verified is verified; `then` something happens."""
    verify, before = Hasher.verify, [then]

    async def gated(self: Hasher, password: str, password_hash: str | None) -> bool:
        right = await verify(self, password, password_hash)
        if before:
            await before.pop()()
        return right

    with monkeypatch.context() as patch:
        patch.setattr(Hasher, "verify", gated)
        yield
    assert not before


@pytest.mark.parametrize("change", [other_password, suspension])
async def test_what_is_undone_while_the_password_is_hashed_gives_no_session(
    identity: Harness, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    user_id = UUID((await registered(identity))["user"]["id"])

    async def meanwhile() -> None:
        async with identity.begin() as transaction:
            await change(transaction, await transaction.get(User, user_id))

    async with after_hashing(monkeypatch, meanwhile):
        answer = await sign_in(identity)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert await going_on(identity) == 0


async def test_a_login_that_is_locked_while_the_right_password_is_hashed_gives_no_session(
    identity: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(identity)

    async def guessed() -> None:
        answers = [await sign_in(identity, password=NEW) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {401}

    async with after_hashing(monkeypatch, guessed):
        answer = await sign_in(identity)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert await going_on(identity) == 0


@pytest.mark.parametrize("change", [other_password, suspension])
async def test_a_sign_in_that_comes_before_the_commit_of_what_undoes_it_gives_no_session(
    identity: Harness, change: Change
) -> None:
    user = (await registered(identity))["user"]
    answer = await while_changing(identity, user["id"], change, lambda: sign_in(identity))
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert await going_on(identity) == 0
    (failed,) = await noted(identity, "sign_in_failed")
    assert failed["why"] == "undone meanwhile"


async def test_who_adds_a_second_factor_at_that_moment_is_asked_for_it(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    answer = await while_changing(identity, user["id"], a_factor, lambda: sign_in(identity))
    assert answer.status_code == 202
    assert await going_on(identity) == 0


async def test_a_session_that_began_first_is_ended_by_the_change(identity: Harness) -> None:
    user_id = UUID((await registered(identity))["user"]["id"])
    engine = identity.runtime.database.engine

    async def change() -> None:
        async with identity.begin() as transaction:
            await other_password(transaction, await transaction.get(User, user_id))

    async with asyncio.TaskGroup() as tasks, engine.connect() as holder:
        await holder.execute(text("LOCK TABLE sessions IN SHARE MODE"))
        signing_in = tasks.create_task(sign_in(identity))
        await waiting(identity, 1)
        tasks.create_task(change())
        await waiting(identity, 2)
        await holder.rollback()
    assert signing_in.result().status_code == 201
    assert await going_on(identity) == 0


@pytest.mark.parametrize("change", [other_password, suspension])
async def test_a_half_done_sign_in_is_not_finished_once_it_is_undone(
    identity: Harness, change: Change
) -> None:
    user = (await registered(identity))["user"]
    totp = await with_totp(identity, await entered(identity))
    challenge, code = (await challenged(identity))["challenge"], totp.now()
    answer = await while_changing(
        identity, user["id"], change, lambda: finish(identity, challenge, factor="totp", code=code)
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "challenge_not_valid")
    assert await going_on(identity) == 0


@pytest.mark.parametrize("factor", ["totp", "recovery_code"])
async def test_no_factor_that_is_being_removed_finishes_a_sign_in(
    identity: Harness, factor: str
) -> None:
    user = (await registered(identity))["user"]
    headers = await entered(identity)
    totp = await with_totp(identity, headers)
    recovery = (await post(identity, "/me/recovery-codes", headers)).json()["codes"][0]
    challenge = (await challenged(identity))["challenge"]
    code = {"totp": totp.now(), "recovery_code": recovery}[factor]
    answer = await while_changing(
        identity,
        user["id"],
        no_factors,
        lambda: finish(identity, challenge, factor=factor, code=code),
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_second_factor")
    assert await going_on(identity) == 1


@pytest.mark.parametrize("change", [no_factors, suspension])
async def test_no_passkey_that_is_being_removed_signs_in(identity: Harness, change: Change) -> None:
    user = (await registered(identity))["user"]
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    body = {"challenge": offer["challenge"], "credential": device.get(offer["options"])}
    before = await going_on(identity)
    answer = await while_changing(
        identity, user["id"], change, lambda: post(identity, "/sessions/passkey", **body)
    )
    assert answer.status_code == 401
    assert await going_on(identity) == (before if change is no_factors else 0)


async def test_a_sign_in_keeps_no_passkey_from_who_removes_it_and_each_comes_to_its_end(
    identity: Harness,
) -> None:
    user_id = UUID((await registered(identity))["user"]["id"])
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    body = {"challenge": offer["challenge"], "credential": device.get(offer["options"])}
    async with identity.begin() as transaction:
        user = await transaction.get(User, user_id)
        asked = asyncio.ensure_future(post(identity, "/sessions/passkey", **body))
        await waiting(identity, 1)
        await no_factors(transaction, user)
    assert (await asked).status_code == 401


async def test_a_password_hashed_anew_meanwhile_is_the_same_password(
    identity: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(identity)
    cheap = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Credential).values(password_hash=cheap))

    async def meanwhile() -> None:
        assert (await sign_in(identity)).status_code == 201

    async with after_hashing(monkeypatch, meanwhile):
        assert (await sign_in(identity)).status_code == 201
    assert await going_on(identity) == 2
