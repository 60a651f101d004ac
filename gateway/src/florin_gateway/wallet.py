"""A browser's tokens, sealed in cookies that only the gateway opens: it keeps no state itself."""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from starlette.types import Scope

from florin_chassis.errors import Refusal
from florin_chassis.sealing import NotReadable, seal, unseal

NAME: Final = b"__Host-florin-session"
"""A browser takes `__Host-` only from this host, over TLS, for `/`: no subdomain can plant one."""

_PURPOSE: Final = "browser-session"
_PART_BYTES_MAX: Final = 3_500
"""A browser may refuse a cookie above 4,096 bytes, name and attributes among them."""

_PARTS_MAX: Final = 4
_ATTRIBUTES: Final = b"; Path=/; Secure; HttpOnly; SameSite=Strict"


class Tokens(NamedTuple):
    """What a signed-in browser holds without ever seeing it; `expires_at` is the access token's."""

    access: str
    refresh: str
    expires_at: int


class TooManyRights(Refusal):
    """The tokens are larger than all cookies together: name fewer rights, or use a token."""

    code = "too_many_rights"


class Wallet:
    """Seals with the first key, opens with any: so keys are changed without anyone signed out."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    def cookies_of(self, tokens: Tokens) -> list[bytes]:
        """`Set-Cookie` values. The first part says how many there are."""
        sealed = seal(json.dumps(tokens).encode(), _PURPOSE, self._keys[0]).encode()
        parts = [sealed[n : n + _PART_BYTES_MAX] for n in range(0, len(sealed), _PART_BYTES_MAX)]
        if len(parts) > _PARTS_MAX:
            raise TooManyRights(f"tokens of {len(sealed)} bytes fit into no cookies")
        parts[0] = b"%d.%s" % (len(parts), parts[0])
        return [_named(n) + b"=" + part + _ATTRIBUTES for n, part in enumerate(parts)]

    def open(self, scope: Scope) -> Tokens | None:
        """The tokens in a request's cookies; `None` if there are none that we have sealed."""
        cookies = dict(_cookies(scope))
        count, _, first = cookies.get(NAME, b"").partition(b".")
        if not count.isdigit() or not 1 <= int(count[:2]) <= _PARTS_MAX:
            return None
        rest = [cookies.get(_named(n), b"") for n in range(1, int(count[:2]))]
        sealed = b"".join([first, *rest]).decode("latin-1")
        for key in self._keys:
            try:
                access, refresh, expires_at = json.loads(unseal(sealed, _PURPOSE, key))
            except (NotReadable, ValueError):
                continue
            return Tokens(str(access), str(refresh), int(expires_at))
        return None


def cleared() -> list[bytes]:
    """`Set-Cookie` values that take every part away."""
    return [_named(n) + b"=" + _ATTRIBUTES + b"; Max-Age=0" for n in range(_PARTS_MAX)]


def has_cookie(scope: Scope) -> bool:
    """Whether a request brings a cookie of ours, good or bad."""
    return any(name == b"cookie" and NAME in value for name, value in scope["headers"])


def without_ours(cookies: bytes) -> bytes:
    """A `Cookie` header without what only the gateway opens."""
    pairs = (pair.strip() for pair in cookies.split(b";"))
    return b"; ".join(pair for pair in pairs if not pair.startswith(NAME))


def _named(part: int) -> bytes:
    return b"%s-%d" % (NAME, part) if part else NAME


def _cookies(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in value.split(b";"):
                key, _, content = pair.strip().partition(b"=")
                yield key, content
