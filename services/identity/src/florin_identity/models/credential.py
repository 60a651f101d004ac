"""A user's password, as its argon2id hash; apart from the user, whose state is told to everyone."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Unauthenticated
from florin_identity.models.base import Base


class WrongCredentials(Unauthenticated):
    """Email and password do not go together; nothing says which of them is wrong."""

    code = "wrong_credentials"
    keeps: ClassVar = True


class Credential(Base):
    """What a user proves itself with. Never stated, never answered, never logged.

    `changed_at` tells one password from the next, by whatever parameters each is hashed.
    """

    __tablename__ = "credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


async def keep_password(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    """Keep the first password of a user who was added before."""
    await session.flush()
    session.add(Credential(user_id=user_id, password_hash=password_hash))


async def rehash_password(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    """Keep the same password, hashed with today's parameters; lock its user before."""
    same = {"password_hash": password_hash, "changed_at": Credential.changed_at}
    await session.execute(update(Credential).where(Credential.user_id == user_id).values(same))


async def has_password(session: AsyncSession, user_id: UUID) -> bool:
    """Whether the user has ever set one."""
    return await session.get(Credential, user_id) is not None
