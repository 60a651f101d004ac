"""Browsers sign in with a sealed cookie: no token is shown, and no foreign page can use it."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from gateway.tests.world import (
    Gateway,
    Services,
    answering,
    running_gateway,
    settings_of,
    waiting,
)
from pydantic import ValidationError

from florin_chassis.testing.tokens import ISSUER
from florin_gateway.wallet import NAME, Tokens, TooManyRights, Wallet

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY, OLD_KEY = b"k" * 32, b"o" * 32
PANEL = "https://panel.example"
OWN = {"Origin": PANEL, "Sec-Fetch-Site": "same-site", "Florin-CSRF": "1"}
REFRESH = "/identity/sessions/refresh"


def secrets(*keys: bytes) -> list[str]:
    return [base64.b64encode(key).decode() for key in keys]


@pytest_asyncio.fixture(loop_scope="session")
async def gate(services: Services) -> AsyncIterator[Gateway]:
    async with running_gateway(
        services.url, browser_session_secrets=secrets(KEY, OLD_KEY), cors_origins=(PANEL,)
    ) as gate:
        yield gate


def session(gate: Gateway, life_s: int = 300, refresh: str = "refresh-1") -> dict[str, Any]:
    """What identity answers to a sign-in and to a refresh."""
    return {
        "access_token": gate.issuer.token(),
        "token_type": "Bearer",
        "expires_in": life_s,
        "refresh_token": refresh,
        "session_id": "s-1",
    }


def held(gate: Gateway, life_s: int = 300, refresh: str = "refresh-1", key: bytes = KEY) -> str:
    """A `Cookie` header as a browser sends it."""
    tokens = Tokens(gate.issuer.token(), refresh, int(time.time()) + life_s)
    return "; ".join(c.split(b";")[0].decode() for c in Wallet([key]).cookies_of(tokens))


def set_by(answer: httpx.Response) -> Tokens | None:
    """The tokens in the cookies that an answer sets."""
    sent = [value.split(";")[0] for value in answer.headers.get_list("Set-Cookie")]
    scope = {"headers": [(b"cookie", "; ".join(sent).encode())]}
    return Wallet([KEY]).open(scope)


def paths(services: Services) -> list[tuple[str, str]]:
    return [(asked.method, asked.path) for asked in services.asked]


async def test_who_signs_in_gets_a_cookie_and_sees_no_token(
    gate: Gateway, services: Services
) -> None:
    made = session(gate)
    services.answers["/identity/sessions"] = answering(made, 201)
    body = {"email": "vega@example.com", "password": "a password"}
    answer = await gate.http.post("/browser-sessions", json=body, headers=OWN)
    assert answer.status_code == 201
    assert answer.json() == {"expires_in": 300, "session_id": "s-1"}
    assert made["access_token"] not in str(answer.headers) + answer.text
    (cookie,) = answer.headers.get_list("Set-Cookie")
    assert cookie.startswith("__Host-florin-session=1.")
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Strict")
    tokens = set_by(answer)
    assert tokens
    assert tokens[:2] == (made["access_token"], "refresh-1")
    assert tokens.expires_at == pytest.approx(time.time() + 300, abs=30)
    assert json.loads(services.asked[0].body) == body
    assert services.asked[0].header("x-forwarded-for") == "127.0.0.1"


async def test_a_refused_sign_in_is_told_as_identity_tells_it(
    gate: Gateway, services: Services
) -> None:
    problem = {"code": "too_many_attempts"}
    headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"7")]
    services.answers["/identity/sessions"] = answering(problem, 429, headers)
    answer = await gate.http.post("/browser-sessions", json={}, headers=OWN)
    assert (answer.status_code, answer.json()) == (429, problem)
    assert answer.headers["Retry-After"] == "7"
    assert "Set-Cookie" not in answer.headers


async def test_a_further_step_of_signing_in_ends_in_a_cookie_too_but_no_refresh_does(
    gate: Gateway, services: Services
) -> None:
    services.answers["/identity/sessions/second-factor"] = answering(session(gate), 201)
    answer = await gate.http.post("/browser-sessions/second-factor", json={}, headers=OWN)
    assert set_by(answer)
    services.answers[REFRESH] = answering(session(gate), 200)
    for step in ("refresh", "%2e%2e/users", "..%2fusers", "", "a//b"):
        answer = await gate.http.post(f"/browser-sessions/{step}", json={}, headers=OWN)
        assert answer.status_code == 404, step
    assert paths(services) == [("POST", "/identity/sessions/second-factor")]


async def test_a_cookie_stands_for_the_token_and_goes_no_further(
    gate: Gateway, services: Services
) -> None:
    cookie = f"theme=dark; {held(gate)}; __Host-florin_login=x"
    answer = await gate.http.get("/clients", headers={"Cookie": cookie})
    assert answer.status_code == 200
    assert str(services.asked[0].header("authorization")).startswith("Bearer ey")
    assert services.asked[0].header("cookie") == "theme=dark; __Host-florin_login=x"
    assert "Set-Cookie" not in answer.headers


async def test_a_cookie_of_a_services_own_is_passed_on_and_not_taken_for_ours(
    gate: Gateway, services: Services
) -> None:
    cookie = {"Cookie": "__Host-florin_form=x", **gate.signed_in}
    assert (await gate.http.post("/clients", headers=cookie)).status_code == 200
    assert services.asked[0].header("cookie") == "__Host-florin_form=x"


CROSS_SITE: dict[str, dict[str, str]] = {
    "no origin and no fetch metadata": {"Florin-CSRF": "1"},
    "a foreign origin": {"Origin": "https://evil.example", "Florin-CSRF": "1"},
    "an origin that only begins alike": {"Origin": PANEL + ".evil.example", "Florin-CSRF": "1"},
    "another scheme": {"Origin": "http://panel.example", "Florin-CSRF": "1"},
    "an opaque origin": {"Origin": "null", "Florin-CSRF": "1"},
    "cross-site": {"Origin": PANEL, "Sec-Fetch-Site": "cross-site", "Florin-CSRF": "1"},
    "same-site without an origin": {"Sec-Fetch-Site": "same-site", "Florin-CSRF": "1"},
    "no header of ours": {"Origin": PANEL, "Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("forged", CROSS_SITE)
async def test_a_foreign_page_changes_nothing_and_signs_nobody_in(
    gate: Gateway, services: Services, forged: str
) -> None:
    headers = {"Cookie": held(gate), **CROSS_SITE[forged]}
    for method, path in (
        ("POST", "/clients"), ("DELETE", "/clients/1"), ("PATCH", "/clients/1"),
        ("POST", "/browser-sessions"), ("DELETE", "/browser-sessions"),
    ):  # fmt: skip
        answer = await gate.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert services.asked == []


@pytest.mark.parametrize("origin", [PANEL, ISSUER])
async def test_a_page_of_ours_changes_what_its_user_may_change(
    gate: Gateway, services: Services, origin: str
) -> None:
    headers = {"Cookie": held(gate), "Origin": origin, "Florin-CSRF": "1"}
    assert (await gate.http.post("/clients", json={}, headers=headers)).status_code == 200
    fetched = {"Cookie": held(gate), "Sec-Fetch-Site": "same-origin", "Florin-CSRF": "1"}
    assert (await gate.http.post("/clients", json={}, headers=fetched)).status_code == 200
    assert len(services.asked) == 2


async def test_a_token_near_its_end_is_renewed_on_the_way(
    gate: Gateway, services: Services
) -> None:
    renewed = session(gate, refresh="refresh-2")
    services.answers[REFRESH] = answering(renewed)
    answer = await gate.http.get("/clients", headers={"Cookie": held(gate, life_s=30)})
    assert answer.status_code == 200
    assert paths(services) == [("POST", REFRESH), ("GET", "/clients/clients")]
    assert json.loads(services.asked[0].body) == {"refresh_token": "refresh-1"}
    assert services.asked[1].header("authorization") == f"Bearer {renewed['access_token']}"
    tokens = set_by(answer)
    assert tokens
    assert tokens.refresh == "refresh-2"


async def test_requests_at_once_and_a_late_one_share_one_renewal(
    gate: Gateway, services: Services
) -> None:
    release = asyncio.Event()
    services.answers[REFRESH] = waiting(release, answering(session(gate, refresh="next")))
    cookie = {"Cookie": held(gate, life_s=-5, refresh="shared")}
    asking = [asyncio.ensure_future(gate.http.get("/clients", headers=cookie)) for _ in range(8)]
    await services.arrived.wait()
    release.set()
    answers = await asyncio.gather(*asking)
    answers.append(await gate.http.get("/clients", headers=cookie))
    assert [a.status_code for a in answers] == [200] * 9
    assert paths(services).count(("POST", REFRESH)) == 1
    assert {tokens.refresh for a in answers if (tokens := set_by(a))} == {"next"}


PROVED = {"methods": ["pwd"], "proved_at": "2026-11-28T00:00:00Z"}


def proof(gate: Gateway) -> dict[str, Any]:
    """What identity answers to a proof."""
    told = session(gate)
    return PROVED | {name: told[name] for name in ("access_token", "token_type", "expires_in")}


async def test_a_proof_renews_the_cookie_and_no_script_sees_the_token(
    gate: Gateway, services: Services
) -> None:
    told = proof(gate)
    services.answers["/identity/me/proof"] = answering(told, 201)
    headers = {**OWN, "Cookie": held(gate)}
    for path in ("/me/proof", "/me/pr%6Fof"):
        services.answers["/identity" + path] = answering(told, 201)
        answer = await gate.http.post(path, json={}, headers=headers)
        assert (answer.status_code, answer.json()) == (201, PROVED | {"expires_in": 300})
        assert told["access_token"] not in str(answer.headers) + answer.text
        tokens = set_by(answer)
        assert tokens
        assert tokens[:2] == (told["access_token"], "refresh-1")


async def test_a_proof_that_fails_is_told_and_the_cookie_stays(
    gate: Gateway, services: Services
) -> None:
    headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"7")]
    services.answers["/identity/me/proof"] = answering({"code": "too_many"}, 429, headers)
    answer = await gate.http.post("/me/proof", json={}, headers={**OWN, "Cookie": held(gate)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert "Set-Cookie" not in answer.headers


async def test_a_program_that_proves_itself_gets_its_token(
    gate: Gateway, services: Services
) -> None:
    told = proof(gate)
    services.answers["/identity/me/proof"] = answering(told, 201)
    answer = await gate.http.post("/me/proof", json={}, headers=gate.signed_in)
    assert answer.json() == told
    assert "Set-Cookie" not in answer.headers


async def test_a_proof_keeps_the_refresh_token_that_another_request_got_meanwhile(
    gate: Gateway, services: Services
) -> None:
    """The earlier one is used up: in the cookie it would end the session as stolen."""
    cookie = held(gate, life_s=70, refresh="refresh-before")
    go = asyncio.Event()
    services.answers["/identity/me/proof"] = waiting(go, answering(proof(gate), 201))
    headers = {**OWN, "Cookie": cookie}
    proving = asyncio.ensure_future(gate.http.post("/me/proof", json={}, headers=headers))
    await services.arrived.wait()
    services.answers[REFRESH] = answering(session(gate, refresh="refresh-after"), 200)
    late = held(gate, life_s=10, refresh="refresh-before")
    assert (await gate.http.get("/clients", headers={"Cookie": late})).status_code == 200
    go.set()
    tokens = set_by(await proving)
    assert tokens
    assert tokens.refresh == "refresh-after"


async def test_when_the_session_is_over_the_cookie_is_taken_away(
    gate: Gateway, services: Services
) -> None:
    services.answers[REFRESH] = answering({"code": "refresh_token_refused"}, 401)
    cookie = {"Cookie": held(gate, life_s=30, refresh="ended")}
    answer = await gate.http.get("/clients", headers=cookie)
    assert answer.status_code == 401
    assert all("Max-Age=0" in value for value in answer.headers.get_list("Set-Cookie"))
    assert len(answer.headers.get_list("Set-Cookie")) == 4
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert paths(services) == [("POST", REFRESH)]


async def test_while_identity_is_down_a_token_is_used_to_its_end_and_not_longer(
    gate: Gateway, services: Services
) -> None:
    services.answers[REFRESH] = answering({"code": "unavailable"}, 503)
    good, over = held(gate, 30, "down-1"), held(gate, -1, "down-2")
    assert (await gate.http.get("/clients", headers={"Cookie": good})).status_code == 200
    refused = await gate.http.get("/clients", headers={"Cookie": over})
    assert (refused.status_code, refused.json()["service"]) == (503, "identity")
    services.answers[REFRESH] = answering(session(gate), 200)
    assert (await gate.http.get("/clients", headers={"Cookie": over})).status_code == 200


@pytest.mark.parametrize(
    "value",
    ["", "x", "1.", "1.x", "9.x", "-1.x", "99999999999.x", "\xb2.x", "2.x", "1." + "e" * 4_000],
)
async def test_a_cookie_that_we_have_not_sealed_is_no_cookie(
    gate: Gateway, services: Services, value: str
) -> None:
    cookie = f"{NAME.decode()}={value}".encode("latin-1")
    answer = await gate.http.get("/clients", headers=[(b"Cookie", cookie)])
    assert answer.status_code == 401
    assert services.asked == []


async def test_a_cookie_sealed_with_the_secret_before_is_still_good_and_a_foreign_one_is_not(
    gate: Gateway,
) -> None:
    for key, status in ((OLD_KEY, 200), (b"f" * 32, 401)):
        cookie = {"Cookie": held(gate, key=key)}
        assert (await gate.http.get("/clients", headers=cookie)).status_code == status


async def test_tokens_with_many_rights_are_spread_over_several_cookies() -> None:
    large = Tokens("an access token ".ljust(6_000, "."), "r", 2_000_000_000)
    cookies = Wallet([KEY]).cookies_of(large)
    assert len(cookies) > 1
    assert all(len(cookie) < 4_096 for cookie in cookies)
    pairs = [cookie.split(b";")[0] for cookie in cookies]
    assert Wallet([KEY]).open({"headers": [(b"cookie", b"; ".join(pairs))]}) == large
    assert Wallet([KEY]).open({"headers": [(b"cookie", b"; ".join(pairs[:-1]))]}) is None
    with pytest.raises(TooManyRights):
        Wallet([KEY]).cookies_of(large._replace(access="." * 12_000))


async def test_who_signs_out_has_no_cookie_and_no_session_any_more(
    gate: Gateway, services: Services
) -> None:
    services.answers["/identity/sessions/current"] = answering(b"", 204, ())
    answer = await gate.http.delete("/browser-sessions", headers={"Cookie": held(gate), **OWN})
    assert answer.status_code == 204
    assert len(answer.headers.get_list("Set-Cookie")) == 4
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert paths(services) == [("DELETE", "/identity/sessions/current")]
    assert str(services.asked[0].header("authorization")).startswith("Bearer ey")
    assert (await gate.http.delete("/browser-sessions", headers=OWN)).status_code == 204


async def test_only_named_origins_may_read_with_credentials(gate: Gateway) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "florin-csrf",
    }
    named = await gate.http.options("/clients", headers={"Origin": PANEL, **asked})
    assert named.headers["Access-Control-Allow-Origin"] == PANEL
    assert named.headers["Access-Control-Allow-Credentials"] == "true"
    foreign = await gate.http.options(
        "/clients", headers={"Origin": "https://evil.example", **asked}
    )
    assert foreign.status_code == 400
    assert "Access-Control-Allow-Origin" not in foreign.headers


async def test_settings_that_would_undo_it_are_refused() -> None:
    for wrong in (
        {"browser_session_secrets": ["c2hvcnQ="]},
        {"browser_session_secrets": secrets(KEY), "cors_origins": ("*",)},
        {"browser_session_secrets": secrets(KEY) * 4},
    ):
        with pytest.raises(ValidationError):
            settings_of("http://127.0.0.1:1", **wrong)


async def test_without_a_secret_there_are_no_browser_sessions(services: Services) -> None:
    async with running_gateway(services.url) as plain:
        answer = await plain.http.post("/browser-sessions", json={}, headers=OWN)
        assert answer.status_code == 404
        cookie = {"Cookie": held(plain)}
        assert (await plain.http.get("/clients", headers=cookie)).status_code == 401
