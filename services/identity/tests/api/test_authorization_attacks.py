"""What an attacker tries on the way from an application and back to it."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from joserfc import jwt
from services.identity.tests.relying import (
    CHALLENGE,
    HOME,
    VERIFIER,
    Visit,
    answer_of,
    relying_party,
    visit,
)
from sqlalchemy import select, update

from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import ISSUER
from florin_contracts.identity import UserStatus
from florin_identity.models.application_grant import (
    ApplicationGrant,
    ApplicationToken,
    AuthorizationCode,
)
from florin_identity.models.security_log import SecurityEntry
from florin_identity.models.user import User


async def refused(visiting: Visit, **changes: str | None) -> dict[str, Any]:
    answer = await visiting.party.token(**changes)
    assert answer.status_code in {400, 401}, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://evil.example/",
        HOME + "/",
        HOME + "/../other",
        HOME + "?next=https://evil.example",
        HOME + "#@evil.example",
        HOME.replace("https", "http"),
        HOME.replace("inventory", "INVENTORY"),
        "https://inventory.example.com@evil.example/signed-in",
        "https://inventory.example.com.evil.example/signed-in",
        "https://evil.example\\@inventory.example.com/signed-in",
        "//inventory.example.com/signed-in",
        "javascript:alert(1)//" + HOME,
        HOME + "\r\nSet-Cookie: a=b",
    ],
)
async def test_nobody_is_sent_where_the_application_did_not_say(
    identity: Harness, redirect_uri: str | None
) -> None:
    visiting = Visit(await relying_party(identity), *_nobody(identity))
    answer = await visiting.browser.get(visiting.party.asking(redirect_uri=redirect_uri))
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")


def _nobody(identity: Harness) -> Any:
    from services.identity.tests.relying import Browser  # noqa: PLC0415

    return Browser.of(identity), None


async def test_an_application_that_is_not_there_sends_nobody_anywhere(identity: Harness) -> None:
    visiting = Visit(await relying_party(identity), *_nobody(identity))
    party, browser = visiting.party, visiting.browser
    for client_id in (None, "", "nonsense", str(UUID(int=7)), party.id + "x"):
        assert (await browser.get(party.asking(client_id=client_id))).status_code == 400
    twice = party.asking() + "&" + urlencode({"redirect_uri": HOME})
    assert (await browser.get(twice)).status_code == 400
    assert (await browser.get(party.asking() + f"&client_id={party.id}")).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"nonce": "n" * 1_001}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
async def test_what_is_weaker_or_not_understood_is_refused_to_the_application(
    identity: Harness, changes: dict[str, str | None], error: str
) -> None:
    visiting = Visit(await relying_party(identity), *_nobody(identity))
    answer = await visiting.browser.get(visiting.party.asking(**changes))
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(HOME + "?")
    told = answer_of(answer.headers["Location"])
    assert (told["error"], told["state"], told["iss"]) == (error, "a state", ISSUER)
    assert "code" not in told


async def test_a_parameter_that_is_there_twice_is_refused(identity: Harness) -> None:
    visiting = Visit(await relying_party(identity), *_nobody(identity))
    for name in ("nonce", "code_challenge", "prompt", "state"):
        answer = await visiting.browser.get(visiting.party.asking() + f"&{name}=x")
        told = answer_of(answer.headers["Location"])
        assert told["error"] == "invalid_request", name
        assert told.get("state") != "x"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "x" * 43},
        {"code_verifier": CHALLENGE},
        {"code_verifier": VERIFIER[:-1]},
        {"redirect_uri": None},
        {"redirect_uri": HOME + "/"},
        {"code": "made up"},
    ],
)
async def test_a_code_is_for_its_address_and_its_verifier_and_is_burnt_by_another(
    identity: Harness, changes: dict[str, str | None]
) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    told = await refused(visiting, **({"code": code} | changes))
    assert told["error"] == "invalid_grant"
    again = await visiting.party.token(code=code)
    assert again.status_code == (200 if "code" in changes else 400)


async def test_a_code_of_one_application_is_nothing_to_another(identity: Harness) -> None:
    """Code injection, and mix-up: whoever gets hold of a code can do nothing with it."""
    visiting = await visit(identity)
    other = Visit(await relying_party(identity), visiting.browser, visiting.employee)
    code = await visiting.code()
    assert (await refused(other, code=code))["error"] == "invalid_grant"
    assert (await visiting.party.token(code=code)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": None},
        {"client_secret": "wrong"},
        {"client_id": None, "client_secret": None},
        {"client_id": str(UUID(int=7))},
        {"client_id": "nonsense"},
    ],
)
async def test_an_application_that_does_not_prove_itself_gets_nothing(
    identity: Harness, changes: dict[str, str | None]
) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    told = await refused(visiting, **({"code": code} | changes))
    assert told["error"] == "invalid_client"
    assert (await visiting.party.token(code=code)).status_code == 200


async def test_a_public_application_shows_no_secret(identity: Harness) -> None:
    visiting = await visit(identity, confidential=False)
    told = await refused(visiting, code=await visiting.code(), client_secret="anything")
    assert told["error"] == "invalid_client"


async def test_a_code_that_comes_again_ends_all_that_came_of_it(identity: Harness) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    tokens = (await visiting.party.token(code=code)).json()
    assert (await refused(visiting, code=code))["error"] == "invalid_grant"
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 401
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await refused(visiting, **renewal))["error"] == "invalid_grant"
    async with identity.runtime.database.engine.connect() as connection:
        details = (await connection.scalars(select(SecurityEntry.details))).all()
    assert "code used again" in {line.get("reason") for line in details}


async def test_of_many_who_redeem_a_code_at_once_none_keeps_anything(identity: Harness) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    answers = await asyncio.gather(*(visiting.party.token(code=code) for _ in range(5)))
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400, 400]
    (won,) = (a.json() for a in answers if a.status_code == 200)
    assert (await visiting.party.userinfo(won["access_token"])).status_code == 401


async def test_a_code_lives_a_minute(identity: Harness) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    async with identity.runtime.database.engine.begin() as connection:
        made = (await connection.execute(select(AuthorizationCode.expires_at))).scalar_one()
        granted = (await connection.execute(select(ApplicationGrant.expires_at))).scalar_one()
        assert (granted - made).days == 29
        past = ApplicationGrant.signed_in_at
        signed_in = (await connection.execute(select(past))).scalar_one()
        await connection.execute(update(AuthorizationCode).values(expires_at=signed_in))
    assert (await refused(visiting, code=code))["error"] == "invalid_grant"


async def test_a_refresh_token_that_comes_again_ends_the_grant(identity: Harness) -> None:
    visiting = await visit(identity)
    stolen = (await visiting.tokens())["refresh_token"]
    renewal = {"grant_type": "refresh_token", "refresh_token": stolen}
    renewed = (await visiting.party.token(**renewal)).json()
    assert (await refused(visiting, **renewal))["error"] == "invalid_grant"
    successor = {"grant_type": "refresh_token", "refresh_token": renewed["refresh_token"]}
    assert (await refused(visiting, **successor))["error"] == "invalid_grant"
    assert (await visiting.party.userinfo(renewed["access_token"])).status_code == 401


async def test_a_refresh_token_is_for_its_application_and_its_scopes(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens(scope="openid offline_access")
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    other = Visit(await relying_party(identity), visiting.browser, visiting.employee)
    assert (await refused(other, **renewal))["error"] == "invalid_grant"
    assert (await refused(visiting, scope="openid email", **renewal))["error"] == "invalid_scope"
    access = {"grant_type": "refresh_token", "refresh_token": tokens["access_token"]}
    assert (await refused(visiting, **access))["error"] == "invalid_grant"
    assert (await visiting.party.token(**renewal)).status_code == 200


async def test_an_applications_tokens_are_of_no_use_on_the_api(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        for path in ("/me", "/users", "/applications"):
            answer = await identity.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, path


@pytest.mark.parametrize("kind", ["refresh_token", "id_token", "florin"])
async def test_no_other_token_reads_userinfo(identity: Harness, kind: str) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens() | {"florin": identity.issuer.token()}
    answer = await visiting.party.userinfo(tokens[kind])
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


async def test_a_suspended_user_keeps_no_way_in(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens()
    await _keep_as(identity, UserStatus.SUSPENDED)
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 401
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await refused(visiting, **renewal))["error"] == "invalid_grant"
    silent = await visiting.browser.get(visiting.party.asking(prompt="none"))
    assert answer_of(silent.headers["Location"])["error"] == "login_required"
    await _keep_as(identity, UserStatus.ACTIVE)  # as it was last stated


async def _keep_as(identity: Harness, status: UserStatus) -> None:
    users: Any = User.__table__
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(users).values(status=status))


async def test_tokens_of_a_removed_application_are_good_for_nothing(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens()
    headers = identity.signed_in("applications:write", everywhere=True)
    path = f"/applications/{visiting.party.id}"
    assert (await identity.http.delete(path, headers=headers)).status_code == 204
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 401
    assert (await visiting.browser.get(visiting.party.asking())).status_code == 400


async def test_a_revoked_refresh_token_takes_all_along_and_another_nothing(
    identity: Harness,
) -> None:
    visiting = await visit(identity)
    other = await relying_party(identity)
    tokens = await visiting.tokens()

    async def revoke(client_id: str, secret: str | None, token: str) -> int:
        form = {"client_id": client_id, "client_secret": secret, "token": token}
        return (await identity.http.post("/oauth2/revoke", data=form)).status_code

    party = visiting.party
    assert await revoke(other.id, other.secret, tokens["refresh_token"]) == 200
    assert await revoke(party.id, party.secret, "unknown") == 200
    assert await revoke(party.id, "wrong", tokens["refresh_token"]) == 401
    assert (await party.userinfo(tokens["access_token"])).status_code == 200
    assert await revoke(party.id, party.secret, tokens["refresh_token"]) == 200
    assert (await party.userinfo(tokens["access_token"])).status_code == 401


async def test_codes_tokens_and_cookies_are_kept_as_hashes_only(identity: Harness) -> None:
    visiting = await visit(identity)
    code = await visiting.code()
    tokens = (await visiting.party.token(code=code)).json()
    async with identity.runtime.database.engine.connect() as connection:
        kept = [
            *(await connection.scalars(select(AuthorizationCode.code_hash))),
            *(await connection.scalars(select(ApplicationToken.token_hash))),
        ]
    assert {len(each) for each in kept} == {32}
    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret.encode() not in b"".join(kept)


async def test_an_id_token_that_we_did_not_sign_is_no_hint(identity: Harness) -> None:
    visiting = await visit(identity)
    id_token = (await visiting.tokens())["id_token"]
    header, payload, signature = id_token.split(".")
    claims = await visiting.party.claims_of(id_token)
    forged = jwt.encode({"alg": "ES256", "kid": "test"}, claims, identity.issuer.key)
    unsigned = "eyJhbGciOiJub25lIn0." + payload + "."
    for token in (forged, unsigned, f"{header}.{payload}.", f"{header}.{payload}.x{signature}"):
        url = f"{ISSUER}/oauth2/logout?" + urlencode({"id_token_hint": token})
        page = await visiting.browser.get(url)
        assert "Sign out?" in page.text
    silent = await visiting.browser.get(visiting.party.asking(prompt="none"))
    assert "code" in answer_of(silent.headers["Location"])
