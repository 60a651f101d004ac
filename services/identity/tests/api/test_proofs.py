"""`/me/proof` over HTTP: who changes credentials has proved itself lately."""

import asyncio
import time
from typing import Any

from services.identity.tests.making import PASSWORD, registered, sign_in
from services.identity.tests.proving import (
    challenged,
    claims_of,
    entered,
    finish,
    headers_of,
    long_ago,
    noted,
    offered,
    post,
    with_passkey,
    with_totp,
)
from services.identity.tests.soft_authenticator import SoftAuthenticator

from florin_chassis.testing.harness import Harness

CHANGES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/me/authenticators", {"name": "x"}),
    ("POST", "/me/passkeys/options", None),
    ("POST", "/me/recovery-codes", None),
    ("PUT", "/me/allowed-addresses", {"networks": []}),
    ("POST", "/me/api-keys", {"name": "x", "scopes": ["clients:read"], "expires_at": None}),
    ("DELETE", "/me/second-factors/01a21eeb-4e80-70d2-a1b5-c045e4be30d5", None),
)


async def test_nothing_is_changed_on_an_old_proof(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    await long_ago(identity)
    for method, path, body in CHANGES:
        answer = await identity.http.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "recent_proof_needed"), path


async def test_a_password_renews_the_proof_and_the_token_says_when(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    await long_ago(identity)
    proof = {"factor": "password", "password": PASSWORD}
    answer = await post(identity, "/me/proof", headers, proof=proof)
    assert answer.status_code == 201, answer.text
    claims = claims_of(answer.json()["access_token"])
    assert abs(claims["auth_time"] - time.time()) < 60
    assert (claims["amr"], answer.json()["methods"]) == (["pwd"], ["pwd"])
    await offered(identity, headers)


async def test_who_has_a_second_factor_changes_nothing_by_password_alone(
    identity: Harness,
) -> None:
    await registered(identity)
    by_password = await entered(identity)
    totp = await with_totp(identity, await entered(identity))
    await post(
        identity, "/me/proof", by_password, proof={"factor": "password", "password": PASSWORD}
    )
    answer = await post(identity, "/me/authenticators", by_password, name="thief's")
    assert (answer.status_code, answer.json()["code"]) == (403, "recent_proof_needed")
    await post(identity, "/me/proof", by_password, proof={"factor": "totp", "code": totp.now()})
    assert (await post(identity, "/me/authenticators", by_password, name="mine")).status_code == 201


async def test_a_passkey_proves_by_signing_the_sessions_own_challenge(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    await with_passkey(identity, headers, device)
    await long_ago(identity)
    begun = (await post(identity, "/me/proof/options", headers)).json()
    proof = {"factor": "passkey", "credential": device.get(begun["passkey"])}
    missing = await post(identity, "/me/proof", headers, proof=proof)
    assert missing.status_code == 422
    body = {"challenge": begun["challenge"], "proof": proof}
    asked = await challenged(identity)
    other = await finish(
        identity, asked["challenge"], factor="passkey", credential=device.get(asked["passkey"])
    )
    elsewhere = headers_of(identity, other.json()["access_token"])
    assert (await post(identity, "/me/proof", elsewhere, **body)).status_code == 401
    device.count = 50
    proof["credential"] = device.get(begun["passkey"])
    assert (await post(identity, "/me/proof", headers, **body)).status_code == 201
    assert (await post(identity, "/me/proof", headers, **body)).status_code == 401


async def test_wrong_passwords_count_as_at_sign_in(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    wrong = {"proof": {"factor": "password", "password": "a wrong password"}}
    answers = await asyncio.gather(
        *(post(identity, "/me/proof", headers, **wrong) for _ in range(12))
    )
    codes = [a.json()["code"] for a in answers]
    assert codes.count("wrong_password") == 10
    assert codes.count("too_many_attempts") == 2
    right = {"factor": "password", "password": PASSWORD}
    answer = await post(identity, "/me/proof", headers, proof=right)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert (await sign_in(identity)).status_code == 429


async def test_a_program_and_an_impersonator_prove_nothing(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    headers = identity.signed_in(sub=user["id"])
    proof = {"factor": "password", "password": PASSWORD}
    answer = await post(identity, "/me/proof", headers, proof=proof)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")


async def test_second_factors_lock_after_ten_wrong_answers_wherever_they_were(
    identity: Harness,
) -> None:
    await registered(identity)
    totp = await with_totp(identity, await entered(identity))
    wrong = totp.at(time.time(), counter_offset=5_000)
    codes = []
    for _ in range(3):
        asked = await challenged(identity)
        for _ in range(4):
            answer = await finish(identity, asked["challenge"], factor="totp", code=wrong)
            codes.append(answer.json()["code"])
    assert codes == ["wrong_second_factor"] * 10 + ["too_many_attempts"] * 2
    asked = await challenged(identity)
    right = await finish(identity, asked["challenge"], factor="totp", code=totp.now())
    assert (right.status_code, right.json()["code"]) == (429, "too_many_attempts")
    assert "Retry-After" in right.headers
    (locked,) = await noted(identity, "sign_in_locked_out")
    assert locked["quota"] == "second-factor"
