"""An application on this machine whose users sign in at the gateway, made with Authlib."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from florin_local.demo.api import Json, Person

PATIENCE_S = 60
_PAGE = b"<!DOCTYPE html><html lang=en><title>Inventory</title><main><h1>%s</h1></main></html>"


def read(url: str, token: str | None = None) -> httpx.Response:
    """What anybody, or the bearer of a token, is told."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(url, headers=headers, trust_env=False, timeout=PATIENCE_S)


@dataclass
class RelyingParty:
    """It listens where browsers are sent back to, and remembers with what they came."""

    issuer: str
    registered: Json
    port: int
    came: "Queue[str]" = field(default_factory=Queue)
    told: "Queue[str]" = field(default_factory=Queue)
    """The logout tokens that it was sent behind the browser's back."""

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}/signed-in"

    @property
    def goodbye(self) -> str:
        return f"http://127.0.0.1:{self.port}/goodbye"

    def client(self) -> OAuth2Client:
        """Authlib's client; it reads what there is from the discovery document."""
        client = OAuth2Client(
            self.registered["id"],
            self.registered["client_secret"],
            redirect_uri=self.home,
            scope="openid profile email offline_access",
            code_challenge_method="S256",
            trust_env=False,
            timeout=PATIENCE_S,
        )
        document = f"{self.issuer}/.well-known/openid-configuration"
        client.metadata = read(document).json()
        return client

    def asking(self, client: OAuth2Client, verifier: str) -> tuple[str, str]:
        """The address to send a browser to, and the state with which it must come back."""
        endpoint = client.metadata["authorization_endpoint"]
        asked: tuple[str, str] = client.create_authorization_url(
            endpoint, code_verifier=verifier, nonce="n-1"
        )
        return asked

    def signing_out(self, client: OAuth2Client) -> str:
        """The address that signs the user out."""
        sent = {"client_id": self.registered["id"], "post_logout_redirect_uri": self.goodbye}
        return f"{client.metadata['end_session_endpoint']}?{urlencode(sent)}"

    def claims_of(self, client: OAuth2Client, id_token: str) -> dict[str, Any]:
        """What the ID token says, when its signature and audience are right."""
        keys_at = client.metadata["jwks_uri"]
        keys = KeySet.import_key_set(read(keys_at).json())
        claims = jwt.decode(id_token, keys, algorithms=["ES256"]).claims
        expected = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.registered["id"]},
            nonce={"essential": True},
        )
        expected.validate(claims)
        return claims

    def signed_out(self, client: OAuth2Client) -> dict[str, Any]:
        """What the next logout token says, verified as OpenID Connect has it."""
        keys = KeySet.import_key_set(read(client.metadata["jwks_uri"]).json())
        token = jwt.decode(self.told.get(timeout=PATIENCE_S), keys, algorithms=["ES256"])
        expected = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.registered["id"]},
            jti={"essential": True},
            events={"essential": True},
        )
        expected.validate(token.claims)
        assert token.header["typ"] == "logout+jwt"
        assert "nonce" not in token.claims
        return token.claims


@contextmanager
def relying_party(
    issuer: str, administrator: Person, *, backchannel: bool = False, **changes: Any
) -> Iterator[RelyingParty]:
    """Registered by an administrator; it listens until the end of the block."""
    came: Queue[str] = Queue()
    told: Queue[str] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith(("/signed-in", "/goodbye")):
                came.put(f"http://{self.headers['Host']}{self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(_PAGE % self.path[1:].partition("?")[0].encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.put(parse_qs(body)["logout_token"][0])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            del format, arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    body = {
        "name": "Data centre inventory",
        "redirect_uris": ["http://127.0.0.1/signed-in"],
        "post_logout_redirect_uris": ["http://127.0.0.1/goodbye"],
        "confidential": True,
    }
    port = server.server_address[1]
    if backchannel:
        changes["backchannel_logout_uri"] = f"http://127.0.0.1:{port}/signed-out"
    registered = administrator.post("/applications", body | changes)
    try:
        yield RelyingParty(issuer, registered, port, came, told)
    finally:
        server.shutdown()
        server.server_close()
