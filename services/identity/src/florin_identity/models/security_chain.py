"""The chain over the security log: whoever changes, removes or inserts an entry breaks it.

A seal's digest is SHA-256 over the digest before it and the entry's document. Positions are given
in the order of sealing and have no gaps, whatever the order in which entries were committed.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.base import Base
from florin_identity.models.security_log import SecurityEntry

GENESIS: Final = bytes(hashlib.sha256().digest_size)
"""What stands before the first digest."""

Document = dict[str, Any]


class SecuritySeal(Base):
    """An entry's place in the chain."""

    __tablename__ = "security_seals"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    digest: Mapped[bytes]


class UnsealedEntry(Base):
    """An entry that waits for its seal; a trigger writes it with the entry."""

    __tablename__ = "security_unsealed"

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Checkpoint(Base):
    """The chain's end at some time, signed: what was cut off behind it is missed."""

    __tablename__ = "security_checkpoints"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes]
    at: Mapped[datetime]
    signed: Mapped[str]


class ArchivedSegment(Base):
    """Up to this position the log lies in files; here it begins behind it."""

    __tablename__ = "security_archives"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes]
    at: Mapped[datetime]
    signed: Mapped[str]


class ChainBroken(Exception):
    """The chain does not hold; the message names the first entry that is not as it was sealed."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"position {position}: {reason}")
        self.position, self.reason = position, reason


class Chain:
    """A chain as far as it was followed: its last position and digest."""

    def __init__(self, position: int = 0, digest: bytes = GENESIS) -> None:
        self.position, self.digest = position, digest

    def seal(self, entry: SecurityEntry) -> SecuritySeal:
        """The entry's place, behind all others."""
        self.position += 1
        self.digest = linked(self.digest, document_of(entry, self.position))
        return SecuritySeal(position=self.position, entry_id=entry.id, digest=self.digest)

    def follow(self, position: int, document: Document | None, digest: bytes) -> None:
        """Go one on; raises `ChainBroken`. No document: the entry is not there."""
        expected = self.position + 1
        if position != expected:
            raise ChainBroken(expected, "its seal is missing")
        if document is None:
            raise ChainBroken(position, "its entry is missing")
        if linked(self.digest, document) != digest:
            raise ChainBroken(position, f"entry {document.get('id')} is not what was sealed")
        self.position, self.digest = position, digest


def document_of(entry: SecurityEntry, position: int) -> Document:
    """What a seal covers: every column, and the place."""
    return {
        "position": position,
        "id": entry.id,
        "at": _utc(entry.at),
        "act": entry.act,
        "actor": entry.actor,
        "on_behalf_of": entry.on_behalf_of,
        "subject": str(entry.subject) if entry.subject else None,
        "address": entry.address,
        "agent": entry.agent,
        "details": entry.details,
    }


def linked(previous: bytes, document: Document) -> bytes:
    """The digest of a document behind another."""
    return hashlib.sha256(previous + canonical(document)).digest()


def canonical(document: Document) -> bytes:
    """JSON with sorted names, no white space and no escapes but those that JSON demands, UTF-8.

    The same as RFC 8785 for what an entry holds: names are ASCII, numbers are integers.
    """
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _utc(at: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
