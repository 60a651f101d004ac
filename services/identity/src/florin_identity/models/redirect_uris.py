"""Where a browser may be sent back to: which addresses may be registered, and which then match."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode

LENGTH_MAX: Final = 1_000

_PATH = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
_QUERY = r"(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
# No user, no fragment, no backslash, no wildcard, nothing that one reader of addresses would take
# for another's host.
_SECURE: Final = re.compile(rf"https://[a-z0-9.-]+(?::[0-9]{{1,5}})?{_PATH}{_QUERY}")
_LOOPBACK: Final = re.compile(
    rf"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{{1,5}})?({_PATH}{_QUERY})"
)
# What an answer adds to the address. Source: RFC 6749, section 4.1.2; RFC 9207, section 2.
_OURS: Final = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})


def require_registrable(uri: str) -> str:
    """The address itself; raises `ValueError` for what is no safe place to send anyone.

    `http` is for programs on the user's own machine, by number: its name may be resolved to
    another. Source: RFC 8252, sections 7.3 and 8.3; RFC 9700, section 4.1.
    """
    if not (_SECURE.fullmatch(uri) or _LOOPBACK.fullmatch(uri)):
        raise ValueError(
            "must be https with a lower-case host, or http on 127.0.0.1 or [::1];"
            " without user, fragment or wildcard"
        )
    if taken := _OURS & {name for name, _ in parse_qsl(uri.partition("?")[2])}:
        raise ValueError(f"must not have the parameter {min(taken)}, which an answer adds")
    return uri


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Whether it is one of them to the letter; on a loopback address, whatever its port."""
    return any(uri == known or _same_but_for_port(uri, known) for known in registered)


def _same_but_for_port(uri: str, known: str) -> bool:
    one, other = _LOOPBACK.fullmatch(uri), _LOOPBACK.fullmatch(known)
    return one is not None and other is not None and one.groups() == other.groups()


def with_parameters(uri: str, parameters: dict[str, str | None]) -> str:
    """The address with the parameters that are there, added to its own query."""
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    if not added:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{added}"


def origin_of(uri: str) -> str:
    """Scheme, host and port of a registered address."""
    return "/".join(uri.partition("?")[0].split("/")[:3])
