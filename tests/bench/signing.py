"""Stands in for identity: signs tokens, and publishes the key where services look for it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc.jwk import KeySet

from florin_chassis.ids import new_id
from florin_chassis.testing.tokens import Issuer
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_local.ports import HOST

_LIFE_S = 3_600
LONG_LIVED = {"FLORIN_TOKEN_LIFE_S_MAX": str(_LIFE_S)}
"""What a process is told that shall accept such a token."""


class _KeyPage(BaseHTTPRequestHandler):
    """Answers every GET with the key set."""

    def __init__(self, content: bytes, *args: object) -> None:
        self._content = content
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self._content)))
        self.end_headers()
        self.wfile.write(self._content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing to tell."""


def key_set(issuer: Issuer) -> bytes:
    """The issuer's public key as services read it."""
    return json.dumps(KeySet([issuer.key]).as_dict(private=False)).encode()


@contextmanager
def published(issuer: Issuer, port: int) -> Iterator[None]:
    """The issuer's public key, served on identity's port as long as the block lasts."""
    content = key_set(issuer)
    with ThreadingHTTPServer((HOST, port), partial(_KeyPage, content)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def seller(issuer: Issuer, token_issuer: str) -> dict[str, str]:
    """Headers of somebody who may create providers, for an hour."""
    may = [Permission.PROVIDERS_WRITE]
    return _bearer(issuer.token(may, everywhere=True, **_life(token_issuer)))


def reader(issuer: Issuer, token_issuer: str) -> dict[str, str]:
    """Headers of somebody who may read the catalogue and companies, for an hour."""
    may = [Permission.CATALOGUE_READ, Permission.COMPANIES_READ]
    return _bearer(issuer.token(may, everywhere=True, **_life(token_issuer)))


def owner(issuer: Issuer, token_issuer: str) -> dict[str, str]:
    """Headers of a client's owner, for an hour."""
    may, reach = CLIENT_ROLES[ClientRole.OWNER], {"client": [new_id()]}
    session: dict[str, Any] = {"sid": str(new_id()), "jti": str(new_id()), "amr": ["pwd"]}
    return _bearer(issuer.token(may, reach=reach, **session, **_life(token_issuer)))


def _life(token_issuer: str) -> dict[str, Any]:
    return {"iss": token_issuer, "exp": int(time.time()) + _LIFE_S}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
