"""An application whose users sign in here, and their browser: what the tests of that start from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet
from services.identity.tests.making import PASSWORD, working
from services.identity.tests.programs import maker

from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import ISSUER
from florin_contracts.identity import SessionStarted
from florin_contracts.providers import EmployeeInvited

HOME: Final = "https://inventory.example.com/signed-in"
GOODBYE: Final = "https://inventory.example.com/goodbye"
VERIFIER: Final = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE: Final = create_s256_code_challenge(VERIFIER)
ALL_SCOPES: Final = "openid profile email offline_access"


def answer_of(location: str) -> dict[str, str]:
    """What an application reads from the address that a browser was sent back to."""
    return dict(parse_qsl(location.partition("?")[2]))


@dataclass
class Browser:
    """A user's browser at the issuer: it keeps cookies, follows nothing by itself, runs nothing."""

    http: httpx.AsyncClient

    @classmethod
    def of(cls, identity: Harness) -> "Browser":
        return cls(httpx.AsyncClient(transport=identity.http._transport, base_url=ISSUER))

    async def get(self, url: str) -> httpx.Response:
        return await self.http.get(url)

    async def submit(self, page: httpx.Response, **filled: str) -> httpx.Response:
        """Fill in the page's form and send it."""
        action = re.findall(r'<form method="post" action="([^"]+)"', page.text)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        assert len(action) == 1, page.text
        fields = {name: unescape(value) for name, value in hidden}
        return await self.http.post(unescape(action[0]), data=fields | filled)

    async def sign_in(self, url: str, email: str, password: str = PASSWORD) -> httpx.Response:
        """What comes after the sign-in page that the address leads to."""
        page = await self.get(url)
        assert page.status_code == 200, page.text
        answer = await self.submit(page, email=email, password=password)
        return await self.follow(answer)

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go where the answer says, as long as that is at the issuer."""
        while answer.status_code == 303 and not answer.headers["Location"].startswith("http"):
            answer = await self.get(answer.headers["Location"])
        return answer


@dataclass
class RelyingParty:
    """An application, as Authlib makes one of what registering it answered."""

    identity: Harness
    registered: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.registered["id"])

    @property
    def secret(self) -> str | None:
        secret: str | None = self.registered["client_secret"]
        return secret

    def client(self, **options: Any) -> AsyncOAuth2Client:
        """Authlib's, speaking to the service."""
        transport: Any = self.identity.http._transport
        given = {
            "client_id": self.id,
            "client_secret": self.secret,
            "redirect_uri": HOME,
            "scope": ALL_SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if self.secret else "none",
            # Authlib speaks httpx2; the application is the same.
            "transport": httpx2.ASGITransport(transport.app),
        }
        return AsyncOAuth2Client(**(given | options))

    def asking(self, **changes: str | None) -> str:
        """The address to send a browser to; a change to nothing leaves a parameter out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": HOME,
            "scope": ALL_SCOPES,
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        sent = {name: v for name, v in (parameters | changes).items() if v is not None}
        return f"{ISSUER}/oauth2/authorize?{urlencode(sent)}"

    async def token(self, **changes: str | None) -> httpx.Response:
        """Ask the token endpoint, with a code unless the changes say otherwise."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "redirect_uri": HOME,
            "code_verifier": VERIFIER,
            "client_id": self.id,
            "client_secret": self.secret,
        }
        sent = {name: v for name, v in (form | changes).items() if v is not None}
        return await self.identity.http.post(f"{ISSUER}/oauth2/token", data=sent)

    async def userinfo(self, access_token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return await self.identity.http.get("/oauth2/userinfo", headers=headers)

    async def claims_of(self, id_token: str) -> dict[str, Any]:
        """What the ID token says, verified by the published keys."""
        keys = KeySet.import_key_set(
            (await self.identity.http.get("/.well-known/jwks.json")).json()
        )
        return jwt.decode(id_token, keys, algorithms=["ES256"]).claims


async def relying_party(identity: Harness, **changes: Any) -> RelyingParty:
    """A registered application, first-party and confidential unless the changes say otherwise."""
    body = {
        "name": "Inventory",
        "redirect_uris": [HOME],
        "post_logout_redirect_uris": [GOODBYE],
        "confidential": True,
        "first_party": True,
    }
    headers = await maker(identity)
    answer = await identity.http.post("/applications", json=body | changes, headers=headers)
    assert answer.status_code == 201, answer.text
    return RelyingParty(identity, answer.json())


@dataclass
class Visit:
    """An employee with a browser, at an application."""

    party: RelyingParty
    browser: Browser
    employee: EmployeeInvited

    async def started(self) -> list[dict[str, Any]]:
        """The sessions of the employee that were stated."""
        identity, mine = self.party.identity, str(self.employee.id)
        stated = await identity.stated(SessionStarted)
        return [event for event in stated if event["data"]["user_id"] == mine]

    async def code(self, **changes: str | None) -> str:
        """A code, had by signing in; or at once, by who is signed in."""
        answer = await self.browser.get(self.party.asking(**changes))
        if answer.status_code == 200:
            answer = await self.browser.sign_in(self.party.asking(**changes), self.employee.email)
        assert answer.status_code == 303, answer.text
        return answer_of(answer.headers["Location"])["code"]

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        answer = await self.party.token(code=await self.code(**changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def visit(identity: Harness, email: str = "sam@example.com", **changes: Any) -> Visit:
    party = await relying_party(identity, **changes)
    return Visit(party, Browser.of(identity), await working(identity, email=email))


def cookies(answer: httpx.Response) -> Iterable[str]:
    """What a browser is told to keep."""
    return answer.headers.get_list("Set-Cookie")
