"""A user's password, as its argon2id hash; apart from the user, whose state is told to everyone."""

from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Unauthenticated
from florin_contracts.identity import UserStatus
from florin_identity.models.base import Base
from florin_identity.models.user import User


class WrongCredentials(Unauthenticated):
    """Email and password do not go together; nothing says which of them is wrong."""

    code = "wrong_credentials"
    keeps: ClassVar = True


class Credential(Base):
    """What a user proves itself with. Never stated, never answered, never logged."""

    __tablename__ = "credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Login(NamedTuple):
    """What there is to check a password against."""

    user_id: UUID
    status: UserStatus
    password_hash: str


async def find_login(session: AsyncSession, email: str) -> Login | None:
    """The login of an email; `None` when there is none, or none with a password yet.

    Tables, not mapped classes, are read: nobody is signed in yet, and the tenant filter would hide
    every user.
    """
    users, credentials = User.__table__, Credential.__table__
    wanted = (
        select(users.c.id, users.c.status, credentials.c.password_hash)
        .join_from(users, credentials, users.c.id == credentials.c.user_id)
        .where(users.c.email == email, users.c.status != UserStatus.LEFT)
    )
    found = (await session.execute(wanted)).first()
    return None if found is None else Login(*found)


async def keep_password(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    """Keep the first password of a user who was added before."""
    await session.flush()
    session.add(Credential(user_id=user_id, password_hash=password_hash))


async def has_password(session: AsyncSession, user_id: UUID) -> bool:
    """Whether the user has ever set one."""
    return await session.get(Credential, user_id) is not None
