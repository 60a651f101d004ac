"""Recovery codes: ten one-time codes for whoever has lost its second factors."""

import base64
import hashlib
import secrets
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.base import Base

COUNT: Final = 10
_BYTES: Final = 15
_GROUP: Final = 4


class RecoveryCode(Base):
    """A code that was not used yet."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)


async def make_recovery_codes(session: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new codes, told once; the user's earlier ones end."""
    await forget_recovery_codes(session, user_id)
    codes = [_new_code() for _ in range(COUNT)]
    rows = [{"user_id": user_id, "code_hash": _hash(user_id, code)} for code in codes]
    await session.execute(insert(RecoveryCode), rows)
    return codes


async def use_recovery_code(session: AsyncSession, user_id: UUID, code: str) -> bool:
    """Whether it was one of the user's unused codes; it is used from here on."""
    used = delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _hash(user_id, code)
    )
    return await session.scalar(used.returning(RecoveryCode.user_id)) is not None


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    """How many the user has left."""
    counted = select(func.count()).where(RecoveryCode.user_id == user_id)
    return await session.scalar(counted) or 0


async def forget_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    """End all of the user's codes."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _new_code() -> str:
    """120 random bits in six groups of four characters."""
    letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _hash(user_id: UUID, code: str) -> bytes:
    """SHA-256, bound to the user: 120 random bits cannot be guessed, however fast one hashes.

    As people type them: hyphens, spaces and capitals do not count.
    """
    plain = code.replace("-", "").replace(" ", "").lower()
    return hashlib.sha256(user_id.bytes + plain.encode()).digest()
