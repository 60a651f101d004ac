"""Where we may be told to ask: an address outside, never a part of our own network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from florin_chassis.errors import Malformed

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

URL_LENGTH_MAX: Final = 2_000
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_HOST_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_OUTSIDE: Final[tuple[Network, ...]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers' customers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 hides an IPv4 address
        "3fff::/20",
    )
)
"""Source: IANA's registries of special-purpose addresses, as of 2026-01."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What an installation allows: https alone, these ports (none: any), these own networks."""

    http_allowed: bool = False
    ports: frozenset[int] = frozenset({443})
    networks: tuple[Network, ...] = ()

    def require_url(self, url: str, field: str = "url") -> str:
        """The URL itself; raises `Malformed`, naming the field, when nothing may go there."""
        if fault := next(self._faults(url), None):
            raise Malformed.field(field, fault)
        return url

    def allows(self, address: str) -> bool:
        """Whether a connection may be made to this IP address."""
        try:
            found = _plain(ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        return _within(found, self.networks) or _is_outside(found)

    def allow_all(self, addresses: Sequence[str]) -> bool:
        """Whether a name may be connected to: none of its addresses is one of ours."""
        return bool(addresses) and all(map(self.allows, addresses))

    def _faults(self, url: str) -> Iterator[str]:
        if len(url) > URL_LENGTH_MAX:
            yield f"has more than {URL_LENGTH_MAX} characters"
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            yield "holds a character that a URL has none of: encode it"
        if "#" in url:
            yield "has a fragment, which is never sent"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            yield "is no URL"
            return
        yield from self._faults_of(parts, port)

    def _faults_of(self, parts: SplitResult, port: int | None) -> Iterator[str]:
        schemes = ("https", "http") if self.http_allowed else ("https",)
        if parts.scheme not in schemes:
            yield f"does not begin with {' or '.join(f'{s}://' for s in schemes)}"
            return
        if not parts.hostname:
            yield "names no host"
            return
        if "@" in parts.netloc:
            yield "holds credentials: what we send is proven by its signature"
        chosen = _DEFAULT_PORTS[parts.scheme] if port is None else port
        if chosen == 0 or (self.ports and chosen not in self.ports):
            yield f"is on none of the ports {', '.join(map(str, sorted(self.ports)))}"
        yield from self._faults_of_host(parts.hostname)

    def _faults_of_host(self, host: str) -> Iterator[str]:
        if ":" in host or host.replace(".", "").isdigit():
            if not self.allows(host):
                yield "is an address that is not reachable from outside"
        elif not set(host) <= _HOST_CHARACTERS or "" in host.removesuffix(".").split("."):
            yield "names no host"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL that passed the rules."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _plain(address: Address) -> Address:
    """The IPv4 address within an IPv6 one that only wraps it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def _is_outside(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not _within(address, _NOT_OUTSIDE)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == n.version and address in n for n in networks)
