"""Passkeys on the pages on which users sign in to applications."""

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest
from services.identity.tests.proving import entered, with_passkey, with_totp
from services.identity.tests.relying import Browser, Visit, answer_of, cookies, visit
from services.identity.tests.soft_authenticator import SoftAuthenticator

from florin_chassis.testing.harness import Harness


async def equipped(identity: Harness) -> tuple[Visit, SoftAuthenticator]:
    """A user with a passkey, at an application."""
    visiting, device = await visit(identity), SoftAuthenticator()
    await with_passkey(identity, await entered(identity, visiting.employee.email), device)
    return visiting, device


async def options(identity: Harness) -> dict[str, Any]:
    """What the page's script asks for."""
    answer = await identity.http.post("/sessions/passkey/options")
    return dict(answer.json())


async def signed(identity: Harness, device: SoftAuthenticator, **changes: Any) -> dict[str, str]:
    """What the page's script puts into the form."""
    offer = await options(identity)
    credential = device.get(offer["options"], **changes)
    return {"challenge": offer["challenge"], "credential": json.dumps(credential)}


def policy(page: httpx.Response) -> dict[str, str]:
    parts = page.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


async def test_a_user_signs_in_with_a_passkey_and_nothing_else(identity: Harness) -> None:
    visiting, device = await equipped(identity)
    page = await visiting.browser.get(visiting.party.asking())
    answer = await visiting.browser.submit(page, **await signed(identity, device))
    location = (await visiting.browser.follow(answer)).headers["Location"]
    tokens = (await visiting.party.token(code=answer_of(location)["code"])).json()
    claims = await visiting.party.claims_of(tokens["id_token"])
    assert claims["sub"] == str(visiting.employee.id)
    assert claims["acr"] == "urn:florin:acr:two-factors"


async def test_a_passkey_is_the_second_step_after_a_password(identity: Harness) -> None:
    visiting, device = await equipped(identity)
    page = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    (offer,) = re.findall(r'data-passkey="([^"]+)"', page.text)
    credential = json.dumps(device.get(json.loads(unescape(offer))))
    wrong = await visiting.browser.submit(page, code="000000")
    assert wrong.status_code == 401
    assert f'data-passkey="{offer}"' in wrong.text  # and may still be answered with the passkey
    answer = await visiting.browser.submit(wrong, credential=credential)
    location = (await visiting.browser.follow(answer)).headers["Location"]
    assert "code" in answer_of(location)


async def test_who_has_no_passkey_is_offered_none_in_the_second_step(identity: Harness) -> None:
    visiting = await visit(identity)
    await with_totp(identity, await entered(identity, visiting.employee.email))
    page = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    assert "Second step" in page.text
    assert "passkey" not in page.text


async def test_only_our_own_script_runs_and_only_where_a_passkey_may_be_used(
    identity: Harness,
) -> None:
    visiting = await visit(identity, first_party=False)
    page = await visiting.browser.get(visiting.party.asking())
    assert (policy(page)["script-src"], policy(page)["connect-src"]) == ("'self'", "'self'")
    assert re.findall(r"<script([^>]*)>", page.text) == [' src="/oauth2/passkey.js" defer']
    assert not re.search(r"\son\w+=|javascript:", page.text)
    assert '<button type="button" id="passkey" class="quiet" hidden>' in page.text
    script = await visiting.browser.get("/oauth2/passkey.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "innerHTML" not in script.text
    consent = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    assert "script-src" not in policy(consent)
    assert "<script" not in consent.text


@pytest.mark.parametrize(
    "credential",
    ["{}", "[", "null", "[" * 20_000, '{"id": "x", "rawId": "x", "type": "public-key"}', "1e999"],
)
async def test_what_is_no_passkey_is_a_fault_and_never_ours(
    identity: Harness, credential: str
) -> None:
    visiting, device = await equipped(identity)
    page = await visiting.browser.get(visiting.party.asking())
    answer = await visiting.browser.submit(page, challenge="x", credential=credential)
    assert answer.status_code == 422
    assert "passkey&#39;s answer is malformed" in answer.text
    del device


async def test_a_passkey_of_nobody_signs_nobody_in_and_its_challenge_is_used_up(
    identity: Harness,
) -> None:
    visiting, device = await equipped(identity)
    good = await signed(identity, device)
    stranger = SoftAuthenticator(held=device.held)
    stranger.origin = "https://evil.example"
    for sent in (
        await signed(identity, stranger),
        good | {"challenge": (await options(identity))["challenge"]},
    ):
        for status in (401, 401):
            browser = Browser.of(identity)
            page = await browser.get(visiting.party.asking())
            answer = await browser.submit(page, **sent)
            assert answer.status_code == status, answer.text
            assert not any("florin_login" in cookie for cookie in cookies(answer))
            assert 'id="fault"' in answer.text


async def test_a_form_of_another_site_s_signs_nobody_in_with_a_passkey(identity: Harness) -> None:
    visiting, device = await equipped(identity)
    page = await visiting.browser.get(visiting.party.asking())
    sent = await signed(identity, device)
    answer = await visiting.browser.submit(page, form_token="0" * 64, **sent)
    assert answer.status_code == 403
    assert not any("florin_login" in cookie for cookie in cookies(answer))
