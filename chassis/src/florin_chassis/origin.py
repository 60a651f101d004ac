"""Where a request came from: for the security log, lockouts and lists of allowed addresses."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.requests import Request

AGENT_LENGTH_MAX: Final = 300
_IPV6_PREFIX: Final = 64
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Origin:
    """The caller's address as the gateway vouches for it, and what its program calls itself.

    The address is one of IPv4 or IPv6, in its canonical form; an IPv4 caller of an IPv6 socket
    (`::ffff:192.0.2.1`) has its IPv4 address. None where there is no such thing.
    """

    address: str | None = None
    agent: str | None = None


def origin_of(request: Request) -> Origin:
    """The gateway says `X-Forwarded-For` anew; a caller of the service itself is its neighbour."""
    address = request.headers.get("x-forwarded-for")
    if address is None and request.client is not None:
        address = request.client.host
    agent = request.headers.get("user-agent")
    return Origin(_canonical(address), agent and agent[:AGENT_LENGTH_MAX])


def _canonical(address: str | None) -> str | None:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


@lru_cache(maxsize=4_096)
def network_of(address: str | None) -> str:
    """Whom an address counts for: itself, or its /64, all of which one subscriber of IPv6 has."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return _UNKNOWN
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_PREFIX), strict=False))
