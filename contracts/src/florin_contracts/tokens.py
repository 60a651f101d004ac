"""What an access token says beside the usual claims, and which events refuse it before its time.

`sub` is whom it is about, `act.sub` the real person behind it if that is another; `sid` is what it
was issued in: a session, an impersonation, an API key. `amr` says how the user proved itself, in
tokens of sessions only; `kind` is there for programs. Its access is written small: `prm` are places
in the catalogue of permissions, `reach` are ids, both in base64url without padding.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from florin_contracts.identity import (
    AccessReduced,
    ApiKeyRevoked,
    ImpersonationEnded,
    ServiceAccountChanged,
    ServiceAccountDisabled,
    SessionEnded,
)
from florin_contracts.permissions import Permission

CATALOGUE: Final[tuple[str, ...]] = tuple(Permission)
"""Every permission at its place."""

REVOKING: Final[dict[str, bool]] = {
    SessionEnded.type: True,
    ImpersonationEnded.type: True,
    ApiKeyRevoked.type: True,
    AccessReduced.type: False,
    ServiceAccountChanged.type: False,
    ServiceAccountDisabled.type: False,
}
"""The events that refuse tokens, and whether they do so for good.

For good: every token whose `sid` is the event's subject. Otherwise: tokens of the subject itself
(`act.sub` if there is one, else `sub`) whose `ver` is below the event's `sequence`.
"""


def places_of(permissions: Iterable[str], catalogue: Sequence[str] = CATALOGUE) -> str:
    """The permissions as bits by their places, the first in the lowest; unknown ones left out."""
    named = frozenset(permissions)
    bits = sum(1 << place for place, known in enumerate(catalogue) if known in named)
    return _text(bits.to_bytes((bits.bit_length() + 7) // 8, "little"))


def permissions_at(places: str, catalogue: Sequence[str] = CATALOGUE) -> frozenset[str]:
    """The permissions at these places; one of a later release allows nothing here."""
    bits = int.from_bytes(_bytes(places), "little")
    return frozenset(p for place, p in enumerate(catalogue) if bits >> place & 1)


def short_id(id: UUID) -> str:
    """An id in 22 characters."""
    return _text(id.bytes)


def id_of(short: str) -> UUID:
    """The id that `short_id` wrote; raises `ValueError`."""
    return UUID(bytes=_bytes(short))


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
