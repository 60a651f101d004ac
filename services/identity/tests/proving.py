"""What tests of second factors start from: users who are signed in, and have factors."""

import base64
import json
from typing import Any

import httpx
import pyotp
from joserfc import jwt
from services.identity.tests.making import EMAIL, PASSWORD, sign_in
from services.identity.tests.soft_authenticator import SoftAuthenticator
from sqlalchemy import select, text, update

from florin_chassis.testing.harness import Harness
from florin_chassis.tokens import ALGORITHM
from florin_identity.models import Authenticator, SecurityEntry

Headers = dict[str, str]


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def headers_of(identity: Harness, token: str) -> Headers:
    """The bearer of a token of identity's own, signed anew by the issuer that tests trust."""
    header = {"alg": ALGORITHM, "kid": "test"}
    return {"Authorization": f"Bearer {jwt.encode(header, claims_of(token), identity.issuer.key)}"}


async def entered(identity: Harness, email: str = EMAIL, password: str = PASSWORD) -> Headers:
    """Headers of a user who signed in with its password."""
    answer = await sign_in(identity, email, password)
    assert answer.status_code == 201, answer.text
    return headers_of(identity, answer.json()["access_token"])


async def post(
    identity: Harness, path: str, headers: Headers | None = None, **body: Any
) -> httpx.Response:
    return await identity.http.post(path, json=body, headers=headers)


async def offered(identity: Harness, headers: Headers, name: str = "phone") -> dict[str, Any]:
    answer = await post(identity, "/me/authenticators", headers, name=name)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def with_totp(identity: Harness, headers: Headers, name: str = "phone") -> pyotp.TOTP:
    """An authenticator app that was added and has shown no code that was used."""
    offer = await offered(identity, headers, name)
    totp = pyotp.TOTP(offer["secret"])
    path = f"/me/authenticators/{offer['id']}/confirm"
    answer = await post(identity, path, headers, code=totp.now())
    assert answer.status_code == 200, answer.text
    await forget_steps(identity)
    return totp


async def forget_steps(identity: Harness) -> None:
    """As if thirty seconds had passed: no step counts as used."""
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Authenticator).values(last_step=None))


async def with_passkey(
    identity: Harness, headers: Headers, device: SoftAuthenticator, name: str = "laptop"
) -> dict[str, Any]:
    """A passkey of the device's that was added."""
    offer = (await post(identity, "/me/passkeys/options", headers)).json()
    answer = await post(
        identity,
        "/me/passkeys",
        headers,
        name=name,
        challenge=offer["challenge"],
        credential=device.create(offer["options"]),
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def challenged(identity: Harness, email: str = EMAIL) -> dict[str, Any]:
    """What a user with a second factor is asked after its password."""
    answer = await sign_in(identity, email)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def finish(identity: Harness, challenge: str, **proof: Any) -> httpx.Response:
    return await post(identity, "/sessions/second-factor", challenge=challenge, proof=proof)


async def noted(identity: Harness, act: str) -> list[dict[str, Any]]:
    """The details of the security log's lines of this act, oldest first."""
    async with identity.runtime.database.engine.connect() as connection:
        wanted = select(SecurityEntry.details).where(SecurityEntry.act == act)
        return list(await connection.scalars(wanted.order_by(SecurityEntry.id)))


async def long_ago(identity: Harness) -> None:
    """Every session proved itself an hour ago."""
    async with identity.runtime.database.engine.begin() as connection:
        hour = text("UPDATE session_proofs SET proved_at = proved_at - interval '1 hour'")
        await connection.execute(hour)
