"""The pages that people sign in on: what they may do, and what other sites cannot make of them."""

import re
from urllib.parse import urlencode

import pytest
from services.identity.tests.making import EMAIL, PASSWORD, registered
from services.identity.tests.relying import (
    GOODBYE,
    HOME,
    Browser,
    answer_of,
    cookies,
    relying_party,
    visit,
)
from sqlalchemy import select

from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import ISSUER
from florin_contracts.identity import SessionEnded
from florin_identity.models.browser_login import BrowserLogin


async def test_a_page_runs_but_our_own_script_shows_nothing_of_others_and_is_in_no_frame(
    identity: Harness,
) -> None:
    party = await relying_party(identity)
    page = await Browser.of(identity).get(party.asking())
    policy = page.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self' https://inventory.example.com; frame-ancestors 'none'; base-uri 'none'"
    )
    assert page.text.count("<script") == 1
    assert '<script src="/oauth2/passkey.js" defer></script>' in page.text
    assert " style=" not in page.text
    assert " onclick=" not in page.text
    for label in re.findall(r'<label for="([^"]+)"', page.text):
        assert f'id="{label}"' in page.text
    assert '<html lang="en">' in page.text
    style = await identity.http.get("/oauth2/pages.css")
    assert style.headers["Content-Type"].startswith("text/css")


async def test_what_others_say_is_shown_as_text(identity: Harness) -> None:
    evil = '"><script>alert(1)</script>'
    party = await relying_party(identity, name=evil)
    page = await Browser.of(identity).get(party.asking(login_hint=evil, state=evil))
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_cookies_are_the_hosts_own_and_out_of_reach_of_scripts(identity: Harness) -> None:
    visiting = await visit(identity)
    url = visiting.party.asking()
    page = await visiting.browser.get(url)
    answer = await visiting.browser.submit(page, email=visiting.employee.email, password=PASSWORD)
    told = [*cookies(page), *cookies(answer)]
    assert {cookie.partition("=")[0] for cookie in told} == {
        "__Host-florin_form",
        "__Host-florin_login",
    }
    for cookie in told:
        for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
            assert attribute in cookie
        assert "Domain" not in cookie
    (secret,) = (c for c in cookies(answer) if c.startswith("__Host-florin_login="))
    async with identity.runtime.database.engine.connect() as connection:
        kept = (await connection.scalars(select(BrowserLogin.secret_hash))).one()
    assert len(kept) == 32
    assert secret.partition("=")[2].partition(";")[0].encode() not in kept


@pytest.mark.parametrize("path", ["/oauth2/sign-in", "/oauth2/consent", "/oauth2/sign-out"])
async def test_a_form_of_another_site_is_refused(identity: Harness, path: str) -> None:
    """Neither with no token, nor with one of another form or browser, nor without the cookie."""
    visiting = await visit(identity, first_party=False)
    asked = visiting.party.asking().partition("?")[2] if path != "/oauth2/sign-out" else ""
    consent = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    of_the_consent = re.findall(r'name="form_token" value="([^"]+)"', consent.text)[0]
    elsewhere = await Browser.of(identity).get(visiting.party.asking(prompt="login"))
    of_another = re.findall(r'name="form_token" value="([^"]+)"', elsewhere.text)[0]
    tokens = ["", "0" * 64, of_another, *([of_the_consent] if path != "/oauth2/consent" else [])]
    for token in tokens:
        form = {
            "form_token": token,
            "decision": "allow",
            "email": visiting.employee.email,
            "password": PASSWORD,
        }
        answer = await visiting.browser.http.post(f"{path}?{asked}", data=form)
        assert answer.status_code == 403, token
        assert "Location" not in answer.headers
    silent = await visiting.browser.get(visiting.party.asking(prompt="none"))
    assert answer_of(silent.headers["Location"])["error"] == "consent_required"


async def test_a_form_is_good_for_the_request_that_it_was_made_for_only(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    page = await visiting.browser.sign_in(
        visiting.party.asking(scope="openid"), visiting.employee.email
    )
    token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
    more = visiting.party.asking(scope="openid email offline_access").partition("?")[2]
    form = {"form_token": token, "decision": "allow"}
    answer = await visiting.browser.http.post(f"/oauth2/consent?{more}", data=form)
    assert answer.status_code == 403


async def test_what_is_wrong_is_said_the_same_of_every_login(identity: Harness) -> None:
    await registered(identity)
    party = await relying_party(identity, open_to=["client"])

    async def fault(email: str, password: str) -> tuple[int, str]:
        browser = Browser.of(identity)
        page = await browser.get(party.asking())
        answer = await browser.submit(page, email=email, password=password)
        assert not any("florin_login" in cookie for cookie in cookies(answer))
        (said,) = re.findall(r'role="alert" id="fault">([^<]+)<', answer.text)
        return answer.status_code, said

    wrong = await fault(EMAIL, "not the password")
    assert wrong == await fault("nobody@example.com", "not the password")
    assert wrong[0] == 401
    assert (await fault("no address", "x"))[0] == 422
    assert (await fault(EMAIL, "x" * 1_001))[0] == 422


async def test_a_form_that_is_none_is_refused_without_a_fault_of_ours(identity: Harness) -> None:
    party = await relying_party(identity)
    query = party.asking().partition("?")[2]
    browser = Browser.of(identity)
    page = await browser.get(party.asking())
    token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"", b"\xff", b"%ff=1", b"a=1&a=2", b"form_token=" + token.encode()):
        for path in ("/oauth2/sign-in", "/oauth2/consent"):
            answer = await browser.http.post(f"{path}?{query}", content=body, headers=form)
            assert 400 <= answer.status_code < 500, (path, body)
    for odd in ("client_id=%ff", "a=1&" * 50, "%00=%00", "client_id=%00"):
        for path in ("/oauth2/authorize", "/oauth2/logout"):
            answer = await browser.get(f"{path}?{odd}")
            assert answer.status_code < 500, (path, odd)


async def test_signing_in_starts_with_cookies_that_nobody_could_have_planted(
    identity: Harness,
) -> None:
    visiting = await visit(identity)
    planted = "p" * 43
    visiting.browser.http.cookies.set("__Host-florin_login", planted, domain="florin.test")
    await visiting.code()
    now = {c.name: c.value for c in visiting.browser.http.cookies.jar}
    assert now["__Host-florin_login"] != planted
    assert "__Host-florin_form" not in now


async def test_an_application_signs_its_user_out_everywhere(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens(scope="openid profile")
    offline = await visiting.tokens()
    out = urlencode(
        {
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": GOODBYE,
            "state": "bye",
        }
    )
    answer = await visiting.browser.get(f"{ISSUER}/oauth2/logout?{out}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{GOODBYE}?state=bye")
    (started,) = await visiting.started()
    (ended,) = await identity.stated(SessionEnded)
    assert ended["data"]["id"] == started["data"]["id"]
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 401
    silent = await visiting.browser.get(visiting.party.asking(prompt="none"))
    assert answer_of(silent.headers["Location"])["error"] == "login_required"
    renewal = {"grant_type": "refresh_token", "refresh_token": offline["refresh_token"]}
    assert (await visiting.party.token(**renewal)).status_code == 200  # meant for being away


async def test_nobody_is_signed_out_by_another_site_unasked(identity: Harness) -> None:
    visiting = await visit(identity)
    await visiting.code()
    other = await visit(identity, "another@example.com")
    hint = (await other.tokens())["id_token"]
    for sent in ({}, {"client_id": visiting.party.id}, {"id_token_hint": hint}):
        page = await visiting.browser.get(f"{ISSUER}/oauth2/logout?{urlencode(sent)}")
        assert "Sign out?" in page.text, sent
    assert await identity.stated(SessionEnded) == []
    told = await visiting.browser.submit(page)
    assert "signed out" in told.text
    assert len(await identity.stated(SessionEnded)) == 1


@pytest.mark.parametrize("to", [HOME, "https://evil.example/", GOODBYE + "?x=1", "javascript:x"])
async def test_nobody_is_sent_after_signing_out_where_the_application_did_not_say(
    identity: Harness, to: str
) -> None:
    party = await relying_party(identity)
    sent = {"client_id": party.id, "post_logout_redirect_uri": to}
    answer = await Browser.of(identity).get(f"{ISSUER}/oauth2/logout?{urlencode(sent)}")
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    alone = {"post_logout_redirect_uri": GOODBYE}
    answer = await Browser.of(identity).get(f"{ISSUER}/oauth2/logout?{urlencode(alone)}")
    assert answer.status_code == 400
