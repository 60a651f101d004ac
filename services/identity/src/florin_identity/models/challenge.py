"""A challenge: what was begun, by whom, and may be finished once and soon."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, ScalarSelect, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Unauthenticated
from florin_identity.models.base import Base

LIFE: Final = timedelta(minutes=5)
FAILURES_MAX: Final = 5
OF_A_USER_MAX: Final = 10


class ChallengeNotValid(Unauthenticated):
    """The challenge is unknown, used up, failed too often, or expired: begin again."""

    code = "challenge_not_valid"


class Purpose(StrEnum):
    """What a challenge finishes. One of another purpose is none."""

    SECOND_FACTOR = "second_factor"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    PASSKEY_REGISTRATION = "passkey_registration"
    PROOF = "proof"


class Challenge(Base):
    """Kept as a hash of its token, which is also the nonce that a passkey signs.

    `session_id` binds it to the session in which it was begun, where there was one.
    """

    __tablename__ = "challenges"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose]
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    session_id: Mapped[UUID | None]
    failures: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Begun(NamedTuple):
    """The token, told only to whoever began, and for how long it will do."""

    challenge: str
    expires_in: int


async def begin_challenge(
    session: AsyncSession,
    purpose: Purpose,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
) -> Begun:
    """A new challenge. A user has ten at most: the oldest go first, as do all that are expired."""
    now = datetime.now(UTC)
    await _forget(session, user_id, now)
    token = secrets.token_urlsafe(32)
    session.add(
        Challenge(
            token_hash=_hash(token),
            purpose=purpose,
            user_id=user_id,
            session_id=session_id,
            failures=0,
            expires_at=now + LIFE,
        )
    )
    return Begun(token, int(LIFE.total_seconds()))


async def _forget(session: AsyncSession, user_id: UUID | None, now: datetime) -> None:
    # Skipping what others hold, so that no two wait for each other's rows.
    expired = select(Challenge.token_hash).where(Challenge.expires_at < now).limit(100)
    rows = expired.with_for_update(skip_locked=True)
    await session.execute(delete(Challenge).where(Challenge.token_hash.in_(rows)))
    if user_id is None:
        return
    newest_first = (
        select(Challenge.token_hash)
        .where(Challenge.user_id == user_id)
        .order_by(Challenge.expires_at.desc())
        .offset(OF_A_USER_MAX - 1)
    )
    rows = newest_first.with_for_update(skip_locked=True)
    await session.execute(delete(Challenge).where(Challenge.token_hash.in_(rows)))


async def find_challenge(
    session: AsyncSession, token: str, purpose: Purpose, session_id: UUID | None = None
) -> Challenge:
    """The challenge, locked, so that of two who finish it one does; raises `ChallengeNotValid`."""
    wanted = (
        select(Challenge)
        .where(
            Challenge.token_hash == _hash(token),
            Challenge.purpose == purpose,
            Challenge.session_id == session_id if session_id else Challenge.session_id.is_(None),
            Challenge.expires_at > datetime.now(UTC),
        )
        .with_for_update()
    )
    challenge = await session.scalar(wanted)
    if challenge is None:
        raise ChallengeNotValid("the challenge is unknown, used up or expired: begin again")
    return challenge


def user_challenged(token: str) -> ScalarSelect[UUID | None]:
    """Whose challenge it is."""
    wanted = select(Challenge.user_id).where(Challenge.token_hash == _hash(token))
    return wanted.scalar_subquery()


async def fail_challenge(session: AsyncSession, challenge: Challenge) -> None:
    """Count a wrong answer; after the fifth the challenge is gone."""
    challenge.failures += 1
    if challenge.failures >= FAILURES_MAX:
        await session.delete(challenge)


async def forget_challenges(session: AsyncSession, user_id: UUID) -> None:
    """What was begun with an earlier password is not finished."""
    await session.execute(delete(Challenge).where(Challenge.user_id == user_id))


def _hash(token: str) -> bytes:
    """A plain SHA-256 will do: the token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
