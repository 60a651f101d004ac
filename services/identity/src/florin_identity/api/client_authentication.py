"""How a program says who it is: client_secret_basic or client_secret_post, never both.

Source: RFC 6749, section 2.3.1.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

from florin_identity.models.oauth import InvalidClient, InvalidRequest


class PresentedClient(NamedTuple):
    """What a program presents. A public one has no secret."""

    client_id: str
    secret: str | None

    def __repr__(self) -> str:
        return f"PresentedClient({self.client_id!r})"


def presented_client(
    authorization: str | None, parameters: Mapping[str, str]
) -> PresentedClient | None:
    """The program that asks, not yet believed; none if it does not say.

    Raises `InvalidClient` for credentials that are none, `InvalidRequest` for two kinds at once.
    """
    posted = parameters.get("client_id"), parameters.get("client_secret")
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return PresentedClient(posted[0], posted[1]) if posted[0] is not None else None
    basic = _of_basic(credentials.strip())
    if posted[1] is not None or posted[0] not in {None, basic.client_id}:
        raise InvalidRequest("a client proves itself in one way, not in two")
    return basic


def _of_basic(credentials: str) -> PresentedClient:
    """Each half is form-encoded before the two are joined."""
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        halves = [unquote_plus(half, errors="strict") for half in (client_id, secret)]
    except (ValueError, binascii.Error) as error:
        raise InvalidClient("the client's credentials are malformed") from error
    if not colon:
        raise InvalidClient("the client's credentials are malformed")
    return PresentedClient(*halves)
