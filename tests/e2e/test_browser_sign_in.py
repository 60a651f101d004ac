"""A person signs in to another application with a real browser, through the gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.browsers import Browser, browser
from tests.e2e.relying_party import PATIENCE_S, RelyingParty, read, relying_party

from florin_local.demo.api import Person
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"


@pytest.fixture
def person(tale: Tale) -> Person:
    return tale.administrator


@pytest.fixture
def party(stack: Stack, person: Person) -> Iterator[RelyingParty]:
    with relying_party(stack.gateway_url, person) as party:
        yield party


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path / "profile") as window:
        yield window


def agree(window: Browser, person: Person, pictures: Path) -> None:
    """Sign in at the second try, and allow what is asked for."""
    assert window.heading == "Sign in"
    assert "Data centre inventory" in window.text
    assert window.focused.get_attribute("id") == "email"
    window.picture(pictures / "sign-in.png")
    window.labelled("Email").send_keys(person.email)
    window.enter("Password", "not the password")
    fault = window.chrome.find_element("id", "fault")
    assert fault.get_attribute("role") == "alert"
    assert window.labelled("Email").get_attribute("value") == person.email
    assert window.focused.get_attribute("id") == "password"
    window.picture(pictures / "fault.png")
    window.enter("Password", person.password)
    assert window.heading == "Allow Data centre inventory?"
    window.picture(pictures / "consent.png")
    window.press("Allow")
    assert window.heading == "signed-in"


def test_a_person_signs_in_agrees_and_is_sent_back_and_signs_out(
    party: RelyingParty, person: Person, window: Browser, tmp_path: Path
) -> None:
    with party.client() as client:
        url, state = party.asking(client, VERIFIER)
        window.chrome.get(url)
        agree(window, person, tmp_path)
        came = party.came.get(timeout=PATIENCE_S)
        tokens = client.fetch_token(
            client.metadata["token_endpoint"],
            authorization_response=came,
            state=state,
            code_verifier=VERIFIER,
        )
        claims = party.claims_of(client, tokens["id_token"])
        userinfo = client.get(client.metadata["userinfo_endpoint"]).json()
        assert (userinfo["sub"], userinfo["email"]) == (claims["sub"], person.email)

        window.chrome.get(url)
        assert window.heading == "signed-in"  # at once: the browser is signed in, the user agreed
        window.chrome.get(party.signing_out(client))
        assert window.heading == "Sign out?"
        window.picture(tmp_path / "sign-out.png")
        window.press("Sign out")
        assert window.heading == "goodbye"
        window.chrome.get(url)
        assert window.heading == "Sign in"


def test_an_applications_token_is_refused_by_the_gateway(
    party: RelyingParty, person: Person, window: Browser, tmp_path: Path
) -> None:
    with party.client() as client:
        url, state = party.asking(client, VERIFIER)
        window.chrome.get(url)
        agree(window, person, tmp_path)
        tokens = client.fetch_token(
            client.metadata["token_endpoint"],
            authorization_response=party.came.get(timeout=PATIENCE_S),
            state=state,
            code_verifier=VERIFIER,
        )
        for path in ("/me", "/clients", "/providers"):
            for kind in ("access_token", "refresh_token", "id_token"):
                assert read(f"{party.issuer}{path}", tokens[kind]).status_code == 401


def test_the_pages_fit_a_telephone(party: RelyingParty, tmp_path: Path) -> None:
    with (
        party.client() as client,
        browser(tmp_path / "profile", width=500, height=844) as window,
    ):
        window.chrome.get(party.asking(client, VERIFIER)[0])
        window.picture(tmp_path / "telephone.png")
        field = window.labelled("Email").rect
        assert field["width"] > 300
        assert field["height"] >= 44
        assert window.labelled("Password").rect["x"] == field["x"]
