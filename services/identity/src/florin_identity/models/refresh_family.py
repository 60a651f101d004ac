"""The refresh tokens of one session: each is good once, and two holders of one give it away."""

import hashlib
import hmac
import secrets
from base64 import b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import ClassVar, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Unauthenticated
from florin_chassis.origin import Origin
from florin_identity.models.base import Base

_PART_BYTES: Final = 32
LENGTH: Final = 86
"""Characters of a refresh token."""


class RefreshTokenRefused(Unauthenticated):
    """The token is none, or its session has ended or run out; nothing says which."""

    code = "refresh_token_refused"


class RefreshTokenReused(Unauthenticated):
    """The token had been used, so two hold it: one of them stole it, and the session ends."""

    code = "refresh_token_reused"
    keeps = True


class RefreshToken(NamedTuple):
    """What its holder has: which family, for as long as that is, and which turn of it."""

    family: bytes
    turn: bytes

    def __str__(self) -> str:
        return urlsafe_b64encode(self.family + self.turn).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The token that was written so; raises `RefreshTokenRefused`."""
        try:
            content = b64decode(text + "==", altchars=b"-_", validate=True)
        except ValueError:
            raise refused() from None
        if len(content) != 2 * _PART_BYTES:
            raise refused()
        return cls(content[:_PART_BYTES], content[_PART_BYTES:])


class RefreshFamily(Base):
    """What is known of a session's tokens, whatever their number: hashes, and no secret.

    The family's own secret is in every token of it. So a token that is of the family, but neither
    the present nor the one before, was used earlier; and whoever only knows a session's id can
    present nothing that ends it.
    """

    __tablename__ = "refresh_families"
    __table_args__ = (UniqueConstraint("family_hash"),)
    repeatable: ClassVar = timedelta(seconds=20)
    """So long the token before is good, too, if its successor was never used.

    Its answer may have been lost: the gateway gives up after ten seconds. The successor then goes
    unused, and the one that was lost counts as used if it comes up after all. So a thief who is
    quick gains one turn, and is found out at the next, as ever.
    """

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    family_hash: Mapped[bytes]
    current_hash: Mapped[bytes]
    previous_hash: Mapped[bytes | None]
    rotated_at: Mapped[datetime]
    used_at: Mapped[datetime]
    address: Mapped[str | None]
    agent: Mapped[str | None]

    @classmethod
    def begin(cls, session_id: UUID, at: datetime, origin: Origin) -> tuple[Self, RefreshToken]:
        """A session's family, and its first token."""
        token = RefreshToken(secrets.token_bytes(_PART_BYTES), secrets.token_bytes(_PART_BYTES))
        family = cls(
            session_id=session_id,
            family_hash=digest(token.family),
            current_hash=digest(token.turn),
            previous_hash=None,
            rotated_at=at,
            used_at=at,
            address=origin.address,
            agent=origin.agent,
        )
        return family, token

    def renew(self, token: RefreshToken, at: datetime, origin: Origin) -> RefreshToken:
        """The token's successor, the only one that is good from now on.

        Raises `RefreshTokenReused`. The session that the token is for must be going on.
        """
        turn = digest(token.turn)
        if hmac.compare_digest(turn, self.current_hash):
            self.previous_hash, self.rotated_at = turn, at
        elif not self._may_repeat(turn, at):
            raise RefreshTokenReused("the token was used before: its session has been ended")
        successor = RefreshToken(token.family, secrets.token_bytes(_PART_BYTES))
        self.current_hash, self.used_at = digest(successor.turn), at
        self.address, self.agent = origin.address, origin.agent
        return successor

    def _may_repeat(self, turn: bytes, at: datetime) -> bool:
        is_previous = hmac.compare_digest(turn, self.previous_hash or b"")
        return is_previous and at - self.rotated_at <= self.repeatable


def refused() -> RefreshTokenRefused:
    """The one refusal of whatever cannot be used."""
    return RefreshTokenRefused("sign in again: the token is unknown, or its session is over")


def digest(part: bytes) -> bytes:
    """A plain SHA-256 will do: each part has 256 random bits."""
    return hashlib.sha256(part).digest()
