"""Recovery codes over HTTP."""

import asyncio

from services.identity.tests.making import registered
from services.identity.tests.proving import (
    Headers,
    challenged,
    claims_of,
    entered,
    finish,
    noted,
    post,
    with_totp,
)
from sqlalchemy import text

from florin_chassis.testing.harness import Harness


async def codes_of(identity: Harness) -> tuple[Headers, list[str]]:
    """Headers and codes of a user who has an authenticator app."""
    await registered(identity)
    headers = await entered(identity)
    await with_totp(identity, headers)
    answer = await post(identity, "/me/recovery-codes", headers)
    assert answer.status_code == 201, answer.text
    return headers, answer.json()["codes"]


async def left(identity: Harness, headers: Headers) -> int:
    answer = await identity.http.get("/me/second-factors", headers=headers)
    return int(answer.json()["recovery_codes_left"])


async def test_there_are_ten_each_of_a_hundred_and_twenty_random_bits(identity: Harness) -> None:
    headers, codes = await codes_of(identity)
    assert len(set(codes)) == 10
    assert {len(code.replace("-", "")) * 5 for code in codes} == {120}
    assert await left(identity, headers) == 10
    assert len(await noted(identity, "recovery_codes_made")) == 1


async def test_each_signs_in_once_however_it_is_typed(identity: Harness) -> None:
    headers, codes = await codes_of(identity)
    for code in (codes[0], codes[1].upper(), codes[2].replace("-", " ")):
        asked = await challenged(identity)
        assert asked["factors"] == ["recovery_code", "totp"]
        answer = await finish(identity, asked["challenge"], factor="recovery_code", code=code)
        assert answer.status_code == 201, answer.text
        assert claims_of(answer.json()["access_token"])["amr"] == ["mfa", "otp", "pwd"]
    assert await left(identity, headers) == 7
    asked = await challenged(identity)
    answer = await finish(identity, asked["challenge"], factor="recovery_code", code=codes[0])
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_second_factor")


async def test_of_many_who_bring_one_at_once_one_signs_in(identity: Harness) -> None:
    headers, codes = await codes_of(identity)
    asked = [await challenged(identity) for _ in range(6)]
    answers = await asyncio.gather(
        *(finish(identity, a["challenge"], factor="recovery_code", code=codes[0]) for a in asked)
    )
    assert sorted(a.status_code for a in answers) == [201, *[401] * 5]
    assert await left(identity, headers) == 9


async def test_new_ones_end_the_old(identity: Harness) -> None:
    headers, old = await codes_of(identity)
    new = (await post(identity, "/me/recovery-codes", headers)).json()["codes"]
    assert not set(old) & set(new)
    asked = await challenged(identity)
    refused = await finish(identity, asked["challenge"], factor="recovery_code", code=old[0])
    assert refused.status_code == 401
    taken = await finish(identity, asked["challenge"], factor="recovery_code", code=new[0])
    assert taken.status_code == 201


async def test_they_are_kept_as_hashes_bound_to_their_user(identity: Harness) -> None:
    _, codes = await codes_of(identity)
    async with identity.runtime.database.engine.connect() as connection:
        kept = "".join(await connection.scalars(text("SELECT t::text FROM recovery_codes t")))
    plain = [code.replace("-", "") for code in codes]
    assert not [c for c in codes + plain if c in kept or c.encode().hex() in kept]
    await registered(identity, email="lyra@example.com", name="Lyra")
    await with_totp(identity, await entered(identity, "lyra@example.com"))
    asked = await challenged(identity, "lyra@example.com")
    answer = await finish(identity, asked["challenge"], factor="recovery_code", code=codes[0])
    assert answer.status_code == 401


async def test_they_stand_in_for_second_factors_and_need_one(identity: Harness) -> None:
    await registered(identity)
    answer = await post(identity, "/me/recovery-codes", await entered(identity))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_second_factor")
