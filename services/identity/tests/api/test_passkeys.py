"""Passkeys (WebAuthn) over HTTP, with an authenticator that really signs."""

import asyncio
import base64
from copy import deepcopy
from typing import Any

import pytest
from services.identity.tests.making import registered, sign_in
from services.identity.tests.proving import (
    challenged,
    claims_of,
    entered,
    finish,
    noted,
    post,
    with_passkey,
)
from services.identity.tests.soft_authenticator import SoftAuthenticator
from sqlalchemy import text

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserSecondFactorEnabled

LYRA = "lyra@example.com"


async def alone(identity: Harness, device: SoftAuthenticator, **changes: Any) -> Any:
    """Sign in with a passkey and nothing else."""
    offer = (await post(identity, "/sessions/passkey/options")).json()
    body = {"challenge": offer["challenge"], "credential": device.get(offer["options"])}
    return await post(identity, "/sessions/passkey", **(body | changes))


async def test_a_passkey_is_a_second_factor(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    made = await with_passkey(identity, await entered(identity), device)
    assert (made["kind"], made["name"]) == ("passkey", "laptop")
    assert len(await identity.stated(UserSecondFactorEnabled)) == 1
    assert await noted(identity, "factor_added") == [{"kind": "passkey", "name": "laptop"}]

    asked = await challenged(identity)
    assert asked["factors"] == ["passkey"]
    assert asked["passkey"]["rpId"] == "florin.test"
    assert asked["passkey"]["userVerification"] == "preferred"
    credential = device.get(asked["passkey"])
    answer = await finish(identity, asked["challenge"], factor="passkey", credential=credential)
    assert answer.status_code == 201, answer.text
    assert claims_of(answer.json()["access_token"])["amr"] == ["hwk", "mfa", "pwd"]


@pytest.mark.parametrize(("synced", "method"), [(False, "hwk"), (True, "swk")])
async def test_a_passkey_alone_signs_in_whom_it_verified(
    identity: Harness, synced: bool, method: str
) -> None:
    user = (await registered(identity))["user"]
    device = SoftAuthenticator(synced=synced)
    await with_passkey(identity, await entered(identity), device)
    for _ in "12":
        answer = await alone(identity, device)
        assert answer.status_code == 201, answer.text
        assert answer.json()["user_id"] == user["id"]
        assert claims_of(answer.json()["access_token"])["amr"] == sorted([method, "mfa"])


async def test_and_none_whom_it_did_not_verify(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator(verifies=False)
    await with_passkey(identity, await entered(identity), device)
    answer = await alone(identity, device)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    asked = await challenged(identity)  # beside a password it will do
    credential = device.get(asked["passkey"])
    answer = await finish(identity, asked["challenge"], factor="passkey", credential=credential)
    assert claims_of(answer.json()["access_token"])["amr"] == ["hwk", "mfa", "pwd"]


async def test_an_answer_is_taken_once(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator(synced=True)
    await with_passkey(identity, await entered(identity), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    body = {"challenge": offer["challenge"], "credential": device.get(offer["options"])}
    answers = await asyncio.gather(*(post(identity, "/sessions/passkey", **body) for _ in range(5)))
    assert sorted(a.status_code for a in answers) == [201, 401, 401, 401, 401]
    codes = {a.json()["code"] for a in answers if a.status_code == 401}
    assert codes == {"challenge_not_valid"}


async def test_a_signature_of_another_challenge_is_none(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    first = (await post(identity, "/sessions/passkey/options")).json()
    credential = device.get(first["options"])
    answer = await alone(identity, device, credential=credential)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_a_passkey_that_signs_for_another_page_is_refused(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    device.origin = "https://florin.test.evil.example"
    assert (await alone(identity, device)).status_code == 401


async def test_a_passkey_of_another_domain_is_refused(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    for held in device.held.values():
        held.domain = "evil.example"
    signed = device.get(offer["options"] | {"rpId": "evil.example"})
    answer = await post(
        identity, "/sessions/passkey", challenge=offer["challenge"], credential=signed
    )
    assert answer.status_code == 401


async def test_a_copied_passkey_is_found_out_by_its_counter(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    copy = SoftAuthenticator(count=device.count, held=device.held)
    for _ in "123":
        assert (await alone(identity, device)).status_code == 201
    answer = await alone(identity, copy)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert "counter went back" in (await noted(identity, "sign_in_failed"))[0]["why"]
    assert (await alone(identity, device)).status_code == 201


async def test_a_counter_that_two_use_at_once_moves_once(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    asked = [await challenged(identity) for _ in range(4)]
    signed = []
    for each in asked:
        device.count = 7
        signed.append(device.get(each["passkey"]))
    answers = await asyncio.gather(
        *(
            finish(identity, each["challenge"], factor="passkey", credential=credential)
            for each, credential in zip(asked, signed, strict=True)
        )
    )
    assert sorted(a.status_code for a in answers) == [201, 401, 401, 401]


async def test_anothers_passkey_is_no_second_factor_of_mine(identity: Harness) -> None:
    await registered(identity)
    await with_passkey(identity, await entered(identity), SoftAuthenticator())
    await registered(identity, email=LYRA, name="Lyra")
    others = SoftAuthenticator()
    await with_passkey(identity, await entered(identity, LYRA), others)
    asked = await challenged(identity)
    credential = others.get(asked["passkey"] | {"allowCredentials": []})
    answer = await finish(identity, asked["challenge"], factor="passkey", credential=credential)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_second_factor")


async def test_a_passkey_says_whose_it_is_and_is_held_to_it(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    for handle in (base64.urlsafe_b64encode(b"x" * 16).rstrip(b"=").decode(), None):
        signed = device.get(offer["options"])
        signed["response"]["userHandle"] = handle
        answer = await alone(identity, device, credential=signed)
        assert answer.status_code == 401


async def test_a_passkey_cannot_be_added_twice(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    await with_passkey(identity, headers, device)
    offer = (await post(identity, "/me/passkeys/options", headers)).json()
    (known,) = offer["options"]["excludeCredentials"]
    assert known["id"] in device.held
    assert known["transports"] == ["hybrid", "internal"]
    with pytest.raises(AssertionError, match="InvalidStateError"):
        device.create(offer["options"])


async def test_the_challenge_of_a_registration_is_the_sessions_own_and_used_once(
    identity: Harness,
) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    offer = (await post(identity, "/me/passkeys/options", headers)).json()
    made = device.create(offer["options"])
    body = {"name": "x", "challenge": offer["challenge"], "credential": made}
    elsewhere = await post(identity, "/me/passkeys", await entered(identity), **body)
    assert elsewhere.json()["code"] == "challenge_not_valid"
    assert (await post(identity, "/me/passkeys", headers, **body)).status_code == 201
    again = await post(identity, "/me/passkeys", headers, **body)
    assert again.json()["code"] == "challenge_not_valid"


async def test_a_refused_registration_has_used_its_challenge(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator(origin="https://evil.example")
    offer = (await post(identity, "/me/passkeys/options", headers)).json()
    body = {
        "name": "x",
        "challenge": offer["challenge"],
        "credential": device.create(offer["options"]),
    }
    answers = [await post(identity, "/me/passkeys", headers, **body) for _ in "12"]
    codes = [(a.status_code, a.json()["code"]) for a in answers]
    assert codes == [(409, "passkey_refused"), (401, "challenge_not_valid")]


async def test_a_registration_is_no_sign_in_and_the_other_way_round(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    await with_passkey(identity, headers, device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    data = device.create(
        {
            "rp": {"id": "florin.test"},
            "user": {"id": "x"},
            "challenge": offer["options"]["challenge"],
            "excludeCredentials": [],
        }
    )["response"]["clientDataJSON"]
    signed = device.get(offer["options"], client_data=data)
    assert (await alone(identity, device, credential=signed)).status_code == 401


def bent(credential: dict[str, Any]) -> list[dict[str, Any]]:
    """The same credential, each time with one part that means nothing."""
    spoilt = []
    for part in credential["response"]:
        for value in ("AA", "_" * 4_000, base64.urlsafe_b64encode(b"\x9f" * 999).decode(), "{}"):
            one = deepcopy(credential)
            one["response"][part] = value
            spoilt.append(one)
    ids = ("AA", "A", "=", "")
    return spoilt + [deepcopy(credential) | {"id": value, "rawId": value} for value in ids]


async def test_bytes_that_mean_nothing_are_refused_and_no_more(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    await with_passkey(identity, headers, device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    for credential in bent(device.get(offer["options"])):
        answer = await alone(identity, device, credential=credential)
        assert answer.status_code in {401, 422}, answer.text
    for _ in "1":
        offer = (await post(identity, "/me/passkeys/options", headers)).json()
        made = SoftAuthenticator().create(offer["options"])
        for credential in bent(made):
            body = {"name": "x", "challenge": offer["challenge"], "credential": credential}
            answer = await post(identity, "/me/passkeys", headers, **body)
            assert answer.status_code in {401, 409, 422}, answer.text


async def test_who_is_suspended_signs_in_by_no_passkey(identity: Harness) -> None:
    await registered(identity)
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity), device)
    await set_status(identity, "suspended")
    answer = await alone(identity, device)
    await set_status(identity, "active")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def set_status(identity: Harness, status: str) -> None:
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(text(f"UPDATE users SET status = '{status}'"))  # noqa: S608


async def test_a_removed_passkey_signs_nobody_in(identity: Harness) -> None:
    await registered(identity)
    headers, device = await entered(identity), SoftAuthenticator()
    made = await with_passkey(identity, headers, device)
    path = f"/me/second-factors/{made['id']}"
    assert (await identity.http.delete(path, headers=headers)).status_code == 204
    assert (await alone(identity, device)).status_code == 401
    assert (await sign_in(identity)).status_code == 201
