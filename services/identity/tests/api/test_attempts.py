"""Brute force against `/sessions`: from one address, from many, on one login, on many."""

import asyncio
import statistics
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from services.identity.tests.making import EMAIL, PASSWORD, registered
from sqlalchemy import Text, cast, func, literal_column, select, update

from florin_chassis.actor import process_actor
from florin_chassis.processes import service_app
from florin_chassis.testing.harness import Harness
from florin_identity.models import Attempt, KnownAddress, SecurityAct, SecurityEntry
from florin_identity.models.attempts import forget_attempts

WRONG = PASSWORD + "!"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
NOBODY = "nobody@example.com"


async def sign_in(
    http: httpx.AsyncClient, password: str, email: str = EMAIL, address: str = HOME
) -> httpx.Response:
    body = {"email": email, "password": password}
    return await http.post("/sessions", json=body, headers={"X-Forwarded-For": address})


async def failures(
    identity: Harness, count: int, email: str = EMAIL, address: str = HOME
) -> list[int]:
    return [(await sign_in(identity.http, WRONG, email, address)).status_code for _ in range(count)]


async def noted(identity: Harness) -> Counter[str]:
    async with identity.runtime.database.engine.connect() as connection:
        return Counter(await connection.scalars(select(SecurityEntry.act)))


async def count(identity: Harness, table: Any) -> int:
    async with identity.runtime.database.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def pass_time(identity: Harness, seconds: int) -> None:
    """As if what was counted had been counted so much earlier."""
    by = timedelta(seconds=seconds)
    earlier = {c: c - by for c in (Attempt.since, Attempt.locked_until, Attempt.forgotten_at)}
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Attempt).values(earlier))


@pytest.mark.parametrize("email", [EMAIL, NOBODY])
async def test_after_ten_failures_even_the_right_password_is_refused_until_the_lock_ends(
    identity: Harness, email: str
) -> None:
    await registered(identity)
    assert await failures(identity, 12, email) == [401] * 10 + [429] * 2
    refused = await sign_in(identity.http, PASSWORD, email)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 50 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Policy"] == '"sign-in-login-address";q=10;w=900'
    assert refused.headers["RateLimit"].startswith('"sign-in-login-address";r=0;t=')
    await pass_time(identity, 61)
    right = await sign_in(identity.http, PASSWORD, email)
    assert right.status_code == (201 if email == EMAIL else 401)


async def test_a_success_forgives_the_failures_before_it(identity: Harness) -> None:
    await registered(identity)
    for _ in "123":
        assert await failures(identity, 9) == [401] * 9
        assert (await sign_in(identity.http, PASSWORD)).status_code == 201


async def test_of_twenty_tries_at_once_in_two_replicas_ten_count_and_no_more(
    identity: Harness,
) -> None:
    await registered(identity)
    transport = httpx.ASGITransport(await service_app(identity.service, identity.runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://second") as second:
        answers = await asyncio.gather(
            *(sign_in(http, WRONG) for http in (identity.http, second) * 20)
        )
    assert Counter(a.status_code for a in answers) == {401: 10, 429: 30}
    acts = await noted(identity)
    assert acts[SecurityAct.SIGN_IN_FAILED] == 10
    assert acts[SecurityAct.SIGN_IN_LOCKED_OUT] == 1
    assert (await sign_in(identity.http, PASSWORD)).status_code == 429


async def test_a_right_password_among_many_wrong_ones_at_once_comes_in_time_or_not_at_all(
    identity: Harness,
) -> None:
    await registered(identity)
    answers = await asyncio.gather(
        *(sign_in(identity.http, PASSWORD if n == 19 else WRONG) for n in range(20))
    )
    found = Counter(a.status_code for a in answers)
    # Before the lock it forgives what failed before it; behind the lock it says nothing.
    assert found[401] <= 10 + 9 * found[201]
    assert found[201] <= 1
    assert answers[19].status_code in {201, 429}


async def test_an_attack_from_elsewhere_does_not_lock_out_where_one_signed_in_before(
    identity: Harness,
) -> None:
    await registered(identity)
    assert (await sign_in(identity.http, PASSWORD)).status_code == 201
    for host in range(10):
        assert await failures(identity, 10, EMAIL, f"203.0.113.{host}") == [401] * 10
    new_place = await sign_in(identity.http, PASSWORD, EMAIL, ELSEWHERE)
    assert new_place.status_code == 429
    assert new_place.headers["RateLimit-Policy"] == '"sign-in-login";q=100;w=3600'
    assert (await sign_in(identity.http, PASSWORD)).status_code == 201


async def test_one_address_that_tries_many_logins_is_locked_as_a_whole(identity: Harness) -> None:
    await registered(identity)
    stuffing = [
        (await failures(identity, 1, f"user{n}@example.com", ELSEWHERE))[0] for n in range(101)
    ]
    assert stuffing == [401] * 100 + [429]
    locked = await sign_in(identity.http, PASSWORD, EMAIL, ELSEWHERE)
    assert locked.headers["RateLimit-Policy"] == '"sign-in-address";q=100;w=900'
    assert (await sign_in(identity.http, PASSWORD)).status_code == 201


async def test_a_success_of_ones_own_does_not_forgive_what_an_address_tried_of_others(
    identity: Harness,
) -> None:
    await registered(identity)
    await failures(identity, 60, NOBODY, ELSEWHERE)
    assert (await sign_in(identity.http, PASSWORD, EMAIL, ELSEWHERE)).status_code == 201
    async with identity.runtime.database.engine.connect() as connection:
        of_address = select(Attempt.failures).where(Attempt.quota == "sign-in-address")
        assert await connection.scalar(of_address) == 10


async def test_the_addresses_of_one_subscriber_of_ipv6_are_one(identity: Harness) -> None:
    await registered(identity)
    answers = [(await failures(identity, 1, EMAIL, f"2001:db8:1:2::{n:x}"))[0] for n in range(12)]
    assert answers == [401] * 10 + [429] * 2
    assert await failures(identity, 1, EMAIL, "2001:db8:1:3::1") == [401]


async def test_what_was_typed_as_a_login_is_kept_nowhere(identity: Harness) -> None:
    await failures(identity, 1, "hunter2.secret@example.com")
    async with identity.runtime.database.engine.connect() as connection:
        for table in (Attempt, SecurityEntry):
            whole = cast(literal_column(table.__tablename__), Text)
            rows = await connection.scalars(select(whole).select_from(table))
            assert "hunter2" not in "".join(rows)


async def test_what_means_nothing_any_more_is_deleted(identity: Harness) -> None:
    await registered(identity)
    for n in range(5):
        await failures(identity, 1, f"user{n}@example.com")
    assert await count(identity, Attempt) == 11  # of each login two, and of the address one
    await pass_time(identity, 901)
    await forget(identity)
    assert await count(identity, Attempt) == 5  # an hour per login
    await pass_time(identity, 2_700)
    await forget(identity)
    assert await count(identity, Attempt) == 0
    await sign_in(identity.http, PASSWORD)
    assert await count(identity, KnownAddress) == 1


async def forget(identity: Harness) -> None:
    async with identity.runtime.begin_as(process_actor("identity"))() as transaction:
        await forget_attempts(transaction.session)


async def test_the_time_of_a_refusal_does_not_tell_whether_the_login_exists(
    identity: Harness,
) -> None:
    """Medians of interleaved tries, as a ratio: a missing hash would make it a tenth."""
    await registered(identity)

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        assert await failures(identity, 1, email) == [401]
        return time.perf_counter() - started

    for email in (EMAIL, NOBODY):
        await seconds(email)  # caches and connections are warm
    known: list[float] = []
    unknown: list[float] = []
    for n in range(16):
        if n % 8 == 0:
            await pass_time(identity, 10_000)
        for email, times in ((EMAIL, known), (NOBODY, unknown))[:: 1 if n % 2 else -1]:
            times.append(await seconds(email))
    assert 0.6 < statistics.median(unknown) / statistics.median(known) < 1.6


async def test_two_sign_ins_of_one_user_do_not_wait_for_each_other(identity: Harness) -> None:
    await registered(identity)
    assert (await sign_in(identity.http, PASSWORD)).status_code == 201
    answers = await asyncio.gather(*(sign_in(identity.http, PASSWORD) for _ in range(6)))
    assert [a.status_code for a in answers] == [201] * 6
