"""A passkey: the public half of a key that an authenticator holds for this user (WebAuthn)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_identity.models.base import Base
from florin_identity.models.proof import Method


class PasskeyTaken(Refusal):
    """This passkey is registered already."""

    code = "passkey_taken"
    keeps: ClassVar = True


class Passkey(Base):
    """Nothing here is secret. `synced` says that the key may be on several devices."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("credential_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    synced: Mapped[bool]
    transports: Mapped[list[str]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    def counts_on(self, sign_count: int) -> bool:
        """Whether the counter went forward, or there is none; if not, the key has been copied.

        Source: Web Authentication, level 3, section 6.1.1.
        """
        if (sign_count or self.sign_count) and sign_count <= self.sign_count:
            return False
        self.sign_count = sign_count
        self.last_used_at = datetime.now(UTC)
        return True

    def proves(self, *, verified: bool) -> set[Method]:
        """By itself it is several factors where the authenticator made sure who holds it."""
        method = Method.SOFTWARE_KEY if self.synced else Method.HARDWARE_KEY
        return {method, Method.SEVERAL_FACTORS} if verified else {method}


async def passkeys_of(session: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    """The user's passkeys, oldest first."""
    wanted = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return (await session.scalars(wanted)).all()


async def find_passkey(session: AsyncSession, credential_id: bytes) -> Passkey | None:
    """The passkey of a credential, locked: its counter is compared and moved on in one step."""
    wanted = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    return await session.scalar(wanted)
