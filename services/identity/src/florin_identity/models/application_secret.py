"""A secret with which a confidential application proves itself; only a hash of it is kept."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_identity.models.base import Base

SECRETS_MAX: Final = 4
_PREFIX: Final = "florin_app_"
_RANDOM_BYTES: Final = 32


class KeepsNoSecret(Refusal):
    """A public application cannot keep a secret, and is given none."""

    code = "keeps_no_secret"


class TooManySecrets(Refusal):
    """As many secrets as are allowed are still valid: let the older ones end first."""

    code = "too_many_secrets"


class ApplicationSecret(Base):
    """Several are valid at once while one takes another's place."""

    __tablename__ = "application_secrets"

    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    made_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]


def hash_of(secret: str) -> bytes:
    """A plain SHA-256 will do: what is hashed here has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def make_secret() -> str:
    """256 random bits, under a name by which a scanner finds one that leaked."""
    return _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


async def give_secret(session: AsyncSession, application_id: UUID) -> str:
    """A fresh secret of the application, told only here."""
    await session.flush()
    secret = make_secret()
    session.add(
        ApplicationSecret(
            secret_hash=hash_of(secret),
            application_id=application_id,
            made_at=datetime.now(UTC),
            valid_until=None,
        )
    )
    return secret


async def end_secrets(session: AsyncSession, application_id: UUID, overlap: timedelta) -> None:
    """End the application's secrets when the overlap is over, if they do not end before.

    Raises `TooManySecrets` when too many stay.
    """
    now = datetime.now(UTC)
    mine = ApplicationSecret.application_id == application_id
    over = mine if not overlap else mine & (ApplicationSecret.valid_until <= now)
    await session.execute(delete(ApplicationSecret).where(over))
    left = list(await session.scalars(select(ApplicationSecret).where(mine)))
    if len(left) >= SECRETS_MAX:
        raise TooManySecrets(f"the last {len(left)} secrets are still valid", limit=SECRETS_MAX)
    unbounded = or_(
        ApplicationSecret.valid_until.is_(None), ApplicationSecret.valid_until > now + overlap
    )
    ending = update(ApplicationSecret).where(mine, unbounded).values(valid_until=now + overlap)
    await session.execute(ending)


async def is_secret_of(session: AsyncSession, application_id: UUID, secret: str) -> bool:
    """Whether it is a valid secret of the application; found by its hash, so in constant time."""
    found = await session.get(ApplicationSecret, hash_of(secret))
    if found is None or found.application_id != application_id:
        return False
    return found.valid_until is None or found.valid_until > datetime.now(UTC)
