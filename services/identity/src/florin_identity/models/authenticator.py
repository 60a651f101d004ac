"""An authenticator app: a shared secret that makes a code every thirty seconds (RFC 6238)."""

import hmac
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import ForeignKey, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_chassis.sealing import seal, unseal
from florin_identity.models.base import Base

STEP_S: Final = 30
STEPS_ASIDE: Final = 1
"""How far the clocks of phone and server may stand apart. Source: RFC 6238, section 5.2."""

PENDING: Final = timedelta(minutes=10)


class AuthenticatorNotPending(Refusal):
    """It is confirmed already, or was begun too long ago."""

    code = "authenticator_not_pending"


class Authenticator(Base):
    """The secret is sealed, and bound to this row. It counts once a code has confirmed it."""

    __tablename__ = "authenticators"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sealed_secret: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]
    last_used_at: Mapped[datetime | None]

    def require_pending(self) -> None:
        """Raise `AuthenticatorNotPending` unless it waits for its first code."""
        if self.confirmed_at is not None or datetime.now(UTC) - self.created_at > PENDING:
            raise AuthenticatorNotPending("begin again: it is confirmed already, or too old")

    def steps_of(self, code: str, key: bytes) -> list[int]:
        """The time steps, of those that may be meant, in which this code is shown."""
        secret = unseal(self.sealed_secret, _purpose(self.id), key).decode()
        now, shown = int(time.time()) // STEP_S, pyotp.TOTP(secret)
        steps = range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1)
        given = code.encode()
        return [s for s in steps if hmac.compare_digest(shown.generate_otp(s).encode(), given)]


def make_authenticator(user_id: UUID, name: str, key: bytes) -> tuple[Authenticator, str]:
    """A new one, and its secret in base32 (160 bits), which is told once."""
    id_, secret = new_id(), pyotp.random_base32(32)
    sealed = seal(secret.encode(), _purpose(id_), key)
    authenticator = Authenticator(
        id=id_, user_id=user_id, name=name, sealed_secret=sealed, created_at=datetime.now(UTC)
    )
    return authenticator, secret


def uri_of(secret: str, login: str, issuer: str) -> str:
    """What an app reads from a QR code: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


async def confirmed_authenticators(session: AsyncSession, user_id: UUID) -> Sequence[Authenticator]:
    """Those that count."""
    wanted = select(Authenticator).where(
        Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)
    )
    return (await session.scalars(wanted.order_by(Authenticator.id))).all()


async def use_code(session: AsyncSession, authenticator: Authenticator, steps: list[int]) -> bool:
    """Whether one of the steps is later than any used before; it is used from here on.

    One statement: of two who bring the same code at once, in whichever replica, one is first.
    """
    for step in steps:
        unused = or_(Authenticator.last_step.is_(None), Authenticator.last_step < step)
        used = (
            update(Authenticator)
            .where(Authenticator.id == authenticator.id, unused)
            .values(last_step=step, last_used_at=func.now())
            .returning(Authenticator.id)
            .execution_options(synchronize_session=False)
        )
        if await session.scalar(used) is not None:
            return True
    return False


def _purpose(id_: UUID) -> str:
    return f"totp/{id_}"
