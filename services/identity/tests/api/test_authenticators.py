"""Authenticator apps (TOTP) over HTTP: adding them, and signing in with their codes."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pyotp
import pytest
from services.identity.tests.making import EMAIL, PASSWORD, registered, sign_in
from services.identity.tests.proving import (
    challenged,
    claims_of,
    entered,
    finish,
    forget_steps,
    headers_of,
    noted,
    offered,
    post,
    with_totp,
)
from sqlalchemy import select, text, update

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserSecondFactorDisabled, UserSecondFactorEnabled
from florin_identity.models import Authenticator, Letter


async def test_an_authenticator_counts_once_a_code_has_confirmed_it(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    offer = await offered(identity, headers)
    asked = urlsplit(offer["otpauth_uri"])
    assert (asked.scheme, asked.netloc) == ("otpauth", "totp")
    assert parse_qs(asked.query) == {"secret": [offer["secret"]], "issuer": ["Florin"]}
    assert (await sign_in(identity)).status_code == 201  # not confirmed yet

    confirm = f"/me/authenticators/{offer['id']}/confirm"
    totp = pyotp.TOTP(offer["secret"])
    wrong = await post(identity, confirm, headers, code=f"{(int(totp.now()) + 1) % 10**6:06}")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "code")
    assert (await post(identity, confirm, headers, code=totp.now())).status_code == 200
    (event,) = await identity.stated(UserSecondFactorEnabled)
    assert event["data"]["second_factor"] is True
    listed = (await identity.http.get("/me/second-factors", headers=headers)).json()
    assert [(f["kind"], f["name"]) for f in listed["factors"]] == [("totp", "phone")]
    assert (listed["recovery_codes_left"], listed["demanded"]) == (0, False)
    assert await noted(identity, "factor_added") == [{"kind": "totp", "name": "phone"}]


async def test_a_password_then_takes_a_code_to_sign_in(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    assert asked == {
        "challenge": asked["challenge"],
        "factors": ["totp"],
        "expires_in": 300,
        "passkey": None,
    }
    answer = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    assert answer.status_code == 201, answer.text
    assert answer.json()["user_id"] == user["id"]
    claims = claims_of(answer.json()["access_token"])
    assert claims["amr"] == ["mfa", "otp", "pwd"]
    assert abs(claims["auth_time"] - time.time()) < 60
    assert len(await noted(identity, "signed_in")) == 2


async def test_the_secret_is_told_once_and_kept_sealed(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    body, key = {"name": "phone"}, headers | {"Idempotency-Key": "once"}
    secrets = [
        (await identity.http.post("/me/authenticators", json=body, headers=key)).json()["secret"]
        for _ in "12"
    ]
    assert secrets[0] != secrets[1]  # and the first was given up
    listed = await identity.http.get("/me/second-factors", headers=headers)
    async with identity.runtime.database.engine.connect() as connection:
        kept = list(await connection.scalars(text("SELECT t::text FROM authenticators t")))
    assert len(kept) == 1
    assert not any(secret in place for secret in secrets for place in (listed.text, *kept))


async def test_a_sealed_secret_is_of_no_use_in_another_row(identity: Harness) -> None:
    await registered(identity)
    await with_totp(identity, await entered(identity))
    await registered(identity, email="lyra@example.com", name="Lyra")
    own = await with_totp(identity, await entered(identity, "lyra@example.com"))
    async with identity.runtime.database.engine.begin() as connection:
        first, second = (
            await connection.execute(
                select(Authenticator.id, Authenticator.sealed_secret).order_by(Authenticator.id)
            )
        ).all()
        moved = update(Authenticator).where(Authenticator.id == first.id)
        await connection.execute(moved.values(sealed_secret=second.sealed_secret))
    asked = await challenged(identity)
    with pytest.raises(Exception, match="what is sealed is not"):
        await finish(identity, asked["challenge"], factor="totp", code=own.now())


@pytest.mark.parametrize("steps_aside", [-1, 0, 1])
async def test_a_clock_may_stand_one_step_aside(identity: Harness, steps_aside: int) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    code = totp.at(time.time(), counter_offset=steps_aside)
    answer = await finish(identity, asked["challenge"], factor="totp", code=code)
    assert answer.status_code == 201


@pytest.mark.parametrize("steps_aside", [-3, 3])
async def test_and_no_further(identity: Harness, steps_aside: int) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    code = totp.at(time.time(), counter_offset=steps_aside)
    answer = await finish(identity, asked["challenge"], factor="totp", code=code)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_second_factor")


async def test_a_code_works_once(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    first, second = await challenged(identity), await challenged(identity)
    code = totp.now()
    assert (await finish(identity, first["challenge"], factor="totp", code=code)).status_code == 201
    replayed = await finish(identity, second["challenge"], factor="totp", code=code)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "wrong_second_factor")


async def test_nor_does_a_code_of_a_step_before_the_last_used(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    now = time.time()
    codes = [totp.at(now, counter_offset=steps) for steps in (1, 0, -1)]
    answers = [
        await finish(identity, (await challenged(identity))["challenge"], factor="totp", code=code)
        for code in codes
    ]
    assert [a.status_code for a in answers] == [201, 401, 401]


async def test_the_code_that_confirmed_an_authenticator_is_used(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    offer = await offered(identity, headers)
    code = pyotp.TOTP(offer["secret"]).now()
    await post(identity, f"/me/authenticators/{offer['id']}/confirm", headers, code=code)
    asked = await challenged(identity)
    replayed = await finish(identity, asked["challenge"], factor="totp", code=code)
    assert replayed.status_code == 401


async def test_of_many_who_bring_one_code_at_once_one_signs_in(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = [await challenged(identity) for _ in range(8)]
    code = totp.now()
    answers = await asyncio.gather(
        *(finish(identity, a["challenge"], factor="totp", code=code) for a in asked)
    )
    assert sorted(a.status_code for a in answers) == [201, *[401] * 7]


async def test_of_many_who_answer_one_challenge_at_once_one_signs_in(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    apps = [await with_totp(identity, headers, str(n)) for n in range(6)]
    asked = await challenged(identity)
    answers = await asyncio.gather(
        *(finish(identity, asked["challenge"], factor="totp", code=a.now()) for a in apps)
    )
    assert sorted(a.status_code for a in answers) == [201, *[401] * 5]
    assert {a.json()["code"] for a in answers if a.status_code == 401} == {"challenge_not_valid"}


async def test_after_five_wrong_answers_a_challenge_is_dead(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    wrong = totp.at(time.time(), counter_offset=5_000)
    answers = [
        await finish(identity, asked["challenge"], factor="totp", code=wrong) for _ in range(6)
    ]
    assert [a.json()["code"] for a in answers] == [
        *["wrong_second_factor"] * 5,
        "challenge_not_valid",
    ]
    right = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    assert right.json()["code"] == "challenge_not_valid"
    failed = await noted(identity, "factor_failed")
    assert [line["kind"] for line in failed] == ["totp"] * 5


async def test_many_wrong_answers_at_once_are_counted_each(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    wrong = totp.at(time.time(), counter_offset=5_000)
    answers = await asyncio.gather(
        *(finish(identity, asked["challenge"], factor="totp", code=wrong) for _ in range(9))
    )
    codes = [a.json()["code"] for a in answers]
    assert codes.count("wrong_second_factor") == 5
    assert codes.count("challenge_not_valid") == 4


async def test_a_challenge_ends_after_five_minutes(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    async with identity.runtime.database.engine.begin() as connection:
        late = text("UPDATE challenges SET expires_at = expires_at - interval '5 minutes'")
        await connection.execute(late)
    answer = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    assert (answer.status_code, answer.json()["code"]) == (401, "challenge_not_valid")


async def test_a_challenge_is_of_no_use_to_another_purpose(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    totp = await with_totp(identity, headers)
    begun = (await post(identity, "/me/proof/options", headers)).json()
    answer = await finish(identity, begun["challenge"], factor="totp", code=totp.now())
    assert answer.json()["code"] == "challenge_not_valid"


async def test_challenges_do_not_pile_up(identity: Harness) -> None:
    await registered(identity)
    await with_totp(identity, await entered(identity))
    for _ in range(13):
        await challenged(identity)
    async with identity.runtime.database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM challenges")) == 10


async def test_a_user_who_is_suspended_meanwhile_does_not_get_in(identity: Harness) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    asked = await challenged(identity)
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET status = 'suspended'"))
    answer = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET status = 'active'"))
    assert answer.json()["code"] == "challenge_not_valid"


async def test_ten_second_factors_are_enough(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    for n in range(10):
        await with_totp(identity, headers, f"phone {n}")
    refused = await post(identity, "/me/authenticators", headers, name="one more")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_second_factors")


async def test_an_authenticator_that_was_not_confirmed_in_time_is_begun_anew(
    identity: Harness,
) -> None:
    await registered(identity)
    headers = await entered(identity)
    offer = await offered(identity, headers)
    async with identity.runtime.database.engine.begin() as connection:
        late = text("UPDATE authenticators SET created_at = created_at - interval '11 minutes'")
        await connection.execute(late)
    path = f"/me/authenticators/{offer['id']}/confirm"
    answer = await post(identity, path, headers, code=pyotp.TOTP(offer["secret"]).now())
    assert (answer.status_code, answer.json()["code"]) == (409, "authenticator_not_pending")


async def test_anothers_authenticator_is_none(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    offer = await offered(identity, headers)
    await registered(identity, email="lyra@example.com", name="Lyra")
    others = await entered(identity, "lyra@example.com")
    for path in (
        f"/me/authenticators/{offer['id']}/confirm",
        f"/me/authenticators/{uuid4()}/confirm",
    ):
        answer = await post(identity, path, others, code=pyotp.TOTP(offer["secret"]).now())
        assert answer.status_code == 404


async def test_with_its_last_factor_a_user_signs_in_by_password_again(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    await with_totp(identity, headers)
    await with_totp(identity, headers, "tablet")
    await post(identity, "/me/recovery-codes", headers)
    listed = (await identity.http.get("/me/second-factors", headers=headers)).json()["factors"]
    for factor in listed:
        assert await identity.stated(UserSecondFactorDisabled) == []
        path = f"/me/second-factors/{factor['id']}"
        assert (await identity.http.delete(path, headers=headers)).status_code == 204
        assert (await identity.http.delete(path, headers=headers)).status_code == 404
    (event,) = await identity.stated(UserSecondFactorDisabled)
    assert event["data"]["second_factor"] is False
    assert (await sign_in(identity)).status_code == 201
    left = (await identity.http.get("/me/second-factors", headers=headers)).json()
    assert (left["factors"], left["recovery_codes_left"]) == ([], 0)
    assert len(await noted(identity, "factor_removed")) == 2


@pytest.mark.parametrize(
    ("proof", "field"),
    [
        ({"factor": "totp"}, "code"),
        ({"factor": "totp", "code": "12345"}, "code"),
        ({"factor": "totp", "code": "१२३४५६"}, "code"),
        ({"factor": "totp", "code": 123456}, "code"),
        ({"factor": "sms", "code": "123456"}, "proof"),
        ({"factor": "password", "password": "x"}, "proof"),
        ({"factor": "recovery_code", "code": "x" * 500}, "code"),
        ({"factor": "passkey", "credential": {}}, "id"),
        ({}, "proof"),
    ],
)
async def test_what_is_no_answer_is_refused_by_its_field(
    identity: Harness, proof: dict[str, object], field: str
) -> None:
    answer = await post(identity, "/sessions/second-factor", challenge="x", proof=proof)
    assert answer.status_code == 422
    assert any(fault["field"].endswith(field) for fault in answer.json()["errors"])
    bad = await finish(identity, "\u0000", factor="totp", code="123456")
    assert bad.status_code == 422


async def test_who_knows_no_password_is_told_nothing_of_second_factors(identity: Harness) -> None:
    await registered(identity)
    await with_totp(identity, await entered(identity))
    wrong = await sign_in(identity, EMAIL, "a wrong password")
    unknown = await sign_in(identity, "nobody@example.com")
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)


async def test_an_impersonator_and_a_key_change_nothing(identity: Harness) -> None:
    made = await registered(identity)
    user_id = made["user"]["id"]
    for claims in ({}, {"act": {"sub": str(uuid4())}, "amr": ["pwd"]}):
        headers = identity.signed_in(sub=user_id, **claims)
        answer = await post(identity, "/me/authenticators", headers, name="phone")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")


async def test_the_session_that_adds_a_factor_has_proved_it(identity: Harness) -> None:
    await registered(identity)
    token = (await sign_in(identity)).json()["access_token"]
    headers = headers_of(identity, token)
    totp = await with_totp(identity, headers)
    await forget_steps(identity)
    proof = {"factor": "totp", "code": totp.now()}
    answer = await post(identity, "/me/proof", headers, proof=proof)
    assert claims_of(answer.json()["access_token"])["sid"] == claims_of(token)["sid"]
    assert answer.json()["methods"] == ["mfa", "otp", "pwd"]


async def test_a_sign_in_that_is_half_done_ends_with_the_password(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    totp = await with_totp(identity, headers)
    asked = await challenged(identity)
    body = {"password": PASSWORD, "new_password": "another horse, another staple 7"}
    changed = await identity.http.put("/me/password", json=body, headers=headers)
    assert changed.status_code in {200, 204}, changed.text
    answer = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    assert answer.json()["code"] == "challenge_not_valid"


async def test_the_owner_is_told_by_letter_of_each_change(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    await with_totp(identity, headers)
    (factor,) = (await identity.http.get("/me/second-factors", headers=headers)).json()["factors"]
    await identity.http.delete(f"/me/second-factors/{factor['id']}", headers=headers)
    async with identity.runtime.database.engine.connect() as connection:
        kind = "second_factors_changed"
        wanted = select(Letter.details).where(Letter.kind == kind).order_by(Letter.written_at)
        told = list(await connection.scalars(wanted))
    assert told == [{"change": c, "factor": "phone"} for c in ("added", "removed")]
