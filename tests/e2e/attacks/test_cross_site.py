"""Pages of others do nothing with a browser's cookie, and no script of ours sees a token."""

from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.answers import problem
from tests.e2e.people import Newcomer

from florin_local.stack import Stack

COOKIE = "__Host-florin-session"
EVIL = "https://evil.example"
TELLING = ("access_token", "refresh_token", "eyJ")


@pytest.fixture
def own(stack: Stack) -> dict[str, str]:
    """What a page of ours sends along."""
    return {"Origin": stack.gateway_url, "Sec-Fetch-Site": "same-origin", "Florin-CSRF": "1"}


@pytest.fixture
def browser(stack: Stack, victim: Newcomer, own: dict[str, str]) -> Iterator[httpx.Client]:
    """Signed in; the cookie is carried by hand, for httpx keeps no `Secure` one without TLS."""
    with httpx.Client(base_url=stack.gateway_url, timeout=20, trust_env=False) as client:
        person = victim.person
        body = {"email": person.email, "password": person.password}
        answer = client.post("/browser-sessions", json=body, headers=own)
        assert answer.status_code == 201, answer.text
        assert not any(word in answer.text for word in TELLING)
        client.headers["Cookie"] = cookie_of(answer)
        client.cookies.clear()
        yield client


def cookie_of(answer: httpx.Response) -> str:
    return "; ".join(sent.split(";")[0] for sent in answer.headers.get_list("Set-Cookie"))


def test_a_page_of_ours_reads_and_changes(browser: httpx.Client, own: dict[str, str]) -> None:
    assert browser.get("/me").status_code == 200
    answer = browser.post("/email-verifications", headers=own)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Florin-CSRF": "1"},
        {"Origin": EVIL},
        {"Origin": EVIL, "Florin-CSRF": "1"},
        {"Origin": "null", "Florin-CSRF": "1"},
        {"Origin": "", "Florin-CSRF": "1"},
        {"Sec-Fetch-Site": "same-site", "Florin-CSRF": "1"},
        {"Sec-Fetch-Site": "none", "Florin-CSRF": "1"},
        {"Referer": "{own}/page", "Florin-CSRF": "1"},
        {"Origin": "{own}.evil.example", "Florin-CSRF": "1"},
        {"Origin": "{own}", "Sec-Fetch-Site": "cross-site", "Florin-CSRF": "1"},
        {"Origin": "{own}"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/me/proof"),
        ("POST", "/email-verifications"),
        ("PUT", "/me/password"),
        ("DELETE", "/sessions/current"),
        ("DELETE", "/browser-sessions"),
        ("POST", "/browser-sessions"),
    ],
)
def test_a_request_that_does_not_come_from_a_page_of_ours_changes_nothing(
    browser: httpx.Client, stack: Stack, headers: dict[str, str], method: str, path: str
) -> None:
    sent = {name: value.replace("{own}", stack.gateway_url) for name, value in headers.items()}
    problem(browser.request(method, path, json={}, headers=sent), 403, "cross_site_request")
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
)
def test_a_simple_form_posts_nothing(browser: httpx.Client, kind: str) -> None:
    """What a browser sends for a page without asking first (Fetch, CORS-safelisted)."""
    answer = browser.post(
        "/me/api-keys", content=b'{"name":"x"}', headers={"Content-Type": kind, "Origin": EVIL}
    )
    problem(answer, 403, "cross_site_request")


def test_a_foreign_page_reads_nothing(browser: httpx.Client) -> None:
    answer = browser.get("/me", headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    assert "access-control-allow-origin" not in answer.headers
    asked = browser.options(
        "/me", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    )
    assert "access-control-allow-origin" not in asked.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "tossed",
    [
        f"{COOKIE}=",
        f"{COOKIE}=1.AAAA",
        f"{COOKIE}=4.x; {COOKIE}-1=y",
        f"{COOKIE}=99999999999.x",
        f"{COOKIE}=1." + "A" * 3_000,
    ],
)
def test_a_cookie_that_somebody_planted_signs_nobody_in(
    stack: Stack, http: httpx.Client, tossed: str
) -> None:
    answer = http.get("/me", headers={"Cookie": tossed})
    problem(answer, 401, "unauthenticated")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    del stack


def test_a_cookie_planted_beside_the_true_one_makes_nobody_another(
    browser: httpx.Client, victim: Newcomer
) -> None:
    """Of two, one counts; what is not sealed by us is none."""
    true = browser.headers["Cookie"]
    email = browser.get("/me").json()["email"]
    assert email == victim.person.email
    for cookie in (f"{COOKIE}=1.AAAA; {true}", f"{true}; {COOKIE}=1.AAAA"):
        answer = browser.get("/me", headers={"Cookie": cookie})
        assert answer.status_code == 401 or answer.json()["email"] == email


def test_a_proof_reaches_the_cookie_and_no_script(
    browser: httpx.Client, victim: Newcomer, own: dict[str, str]
) -> None:
    proof = {"proof": {"factor": "password", "password": victim.person.password}}
    answer = browser.post("/me/proof", json=proof, headers=own)
    assert answer.status_code == 201, answer.text
    assert not any(word in answer.text for word in TELLING)
    browser.headers["Cookie"] = cookie_of(answer)
    assert browser.get("/me").json()["email"] == victim.person.email


def test_no_answer_to_a_browser_tells_a_token(browser: httpx.Client, own: dict[str, str]) -> None:
    for path in ("/browser-sessions/refresh", "/sessions/refresh"):
        answer = browser.post(path, json={"refresh_token": "x"}, headers=own)
        assert answer.status_code in {401, 404, 422}, answer.text
        assert not {*TELLING[:2]} & answer.json().keys()
