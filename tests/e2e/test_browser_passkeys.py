"""A person signs in to another application with a passkey, and is signed out of it from afar."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from tests.e2e.browsers import Browser, browser
from tests.e2e.relying_party import PATIENCE_S, RelyingParty, relying_party
from tests.e2e.restarting import started_with
from tests.e2e.test_browser_sign_in import VERIFIER

from florin_local.demo.api import Person
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

REGISTER = """
const done = arguments[arguments.length - 1];
const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(arguments[0]);
navigator.credentials.create({ publicKey }).then(
  (made) => done(JSON.stringify(made)), (fault) => done(`fault: ${fault}`));
"""


@pytest.fixture(scope="module")
def here(stack: Stack, tale: Tale) -> Iterator[str]:
    """Passkeys are bound to a name, not to an address; applications are on this machine."""
    assert tale.client_id
    address = stack.gateway_url.replace("127.0.0.1", "localhost")
    variables = {
        "FLORIN_PASSKEY_RP_ID": "localhost",
        "FLORIN_PASSKEY_ORIGINS": json.dumps([address]),
        "FLORIN_LOGOUT_HTTP_ALLOWED": "true",
        "FLORIN_LOGOUT_PORTS": "[]",
        "FLORIN_LOGOUT_NETWORKS_ALLOWED": '["127.0.0.0/8"]',
    }
    with started_with(stack, "identity", variables):
        yield address


@pytest.fixture
def person(tale: Tale, here: str) -> Person:
    assert here
    return tale.administrator


@pytest.fixture
def party(stack: Stack, person: Person) -> Iterator[RelyingParty]:
    with relying_party(stack.gateway_url, person, backchannel=True) as party:
        yield party


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Browser]:
    """With an authenticator that makes sure who holds it, as a telephone or a laptop does."""
    options = VirtualAuthenticatorOptions()
    options.transport = VirtualAuthenticatorOptions.Transport.INTERNAL
    options.has_resident_key = options.has_user_verification = True
    options.is_user_verified = True
    with browser(tmp_path / "profile", scripts=True) as window:
        window.chrome.add_virtual_authenticator(options)
        yield window


@pytest.fixture
def passkey(window: Browser, person: Person, here: str, http: httpx.Client) -> Iterator[None]:
    """The person has one in this browser, as a panel would have added it; gone at the end."""
    person.sign_in()
    offer = person.post("/me/passkeys/options", {})
    window.chrome.get(f"{here}/livez")
    window.chrome.set_script_timeout(PATIENCE_S)
    made = window.chrome.execute_async_script(REGISTER, offer["options"])
    assert not made.startswith("fault"), made
    sent = {"name": "e2e", "challenge": offer["challenge"], "credential": json.loads(made)}
    factor = person.post("/me/passkeys", sent)
    yield
    headers = {"Authorization": f"Bearer {person.token()}"}
    http.delete(f"/me/second-factors/{factor['id']}", headers=headers)


def claims(party: RelyingParty, client: Any, state: str) -> dict[str, Any]:
    tokens = client.fetch_token(
        client.metadata["token_endpoint"],
        authorization_response=party.came.get(timeout=PATIENCE_S),
        state=state,
        code_verifier=VERIFIER,
    )
    return party.claims_of(client, tokens["id_token"])


@pytest.mark.usefixtures("passkey")
def test_a_person_signs_in_with_a_passkey_alone_and_is_signed_out_from_afar(
    party: RelyingParty, person: Person, window: Browser, here: str, tmp_path: Path
) -> None:
    with party.client() as client:
        url, state = party.asking(client, VERIFIER)
        window.chrome.get(url.replace(party.issuer, here))
        assert window.heading == "Sign in"
        window.picture(tmp_path / "passkey.png")
        window.press("Use a passkey")
        assert window.heading == "Allow Data centre inventory?"
        window.press("Allow")
        assert window.heading == "signed-in"
        said = claims(party, client, state)
        assert (said["acr"], "pwd" in said["amr"]) == ("urn:florin:acr:two-factors", False)
        assert client.metadata["backchannel_logout_supported"] is True

        window.chrome.get(party.signing_out(client).replace(party.issuer, here))
        window.press("Sign out")
        told = party.signed_out(client)
        assert (told["sid"], told["sub"]) == (said["sid"], said["sub"])
        (consent,) = [c for c in person.list("/me/consents") if c["id"] == party.registered["id"]]
        assert consent["name"] == "Data centre inventory"


@pytest.mark.usefixtures("passkey")
def test_a_passkey_is_the_second_step_after_a_password(
    party: RelyingParty, person: Person, window: Browser, here: str
) -> None:
    with party.client() as client:
        window.chrome.get(party.asking(client, VERIFIER)[0].replace(party.issuer, here))
        window.labelled("Email").send_keys(person.email)
        window.enter("Password", person.password)
        assert window.heading == "Second step"
        window.press("Use a passkey")
        assert window.heading == "Allow Data centre inventory?"


@pytest.mark.usefixtures("here")
def test_a_browser_without_passkeys_shows_a_page_without_them(
    party: RelyingParty, here: str, tmp_path: Path
) -> None:
    with party.client() as client, browser(tmp_path / "other") as window:
        window.chrome.get(party.asking(client, VERIFIER)[0].replace(party.issuer, here))
        assert "Use a passkey" not in window.text
        assert window.labelled("Password").is_displayed()
