"""A browser that is signed in here while its session goes on: a cookie, kept as a hash."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_contracts.identity import UserKind, UserStatus
from florin_identity.models.application_secret import hash_of
from florin_identity.models.base import Base
from florin_identity.models.session import Session
from florin_identity.models.user import User

_SECRET_BYTES: Final = 32


class BrowserLogin(Base):
    """The secret in the browser's cookie stands for a session that a user signed in to."""

    __tablename__ = "browser_logins"

    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignedInBrowser(NamedTuple):
    """Who is signed in with a browser, since when, and how it was proved."""

    session_id: UUID
    user_id: UUID
    user_name: str
    user_kind: UserKind
    signed_in_at: datetime
    amr: Sequence[str]


async def keep_browser_login(session: AsyncSession, session_id: UUID, life: timedelta) -> str:
    """The secret for the cookie."""
    await session.flush()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = datetime.now(UTC) + life
    login = BrowserLogin(secret_hash=hash_of(secret), session_id=session_id, expires_at=expires_at)
    session.add(login)
    return secret


async def find_signed_in(session: AsyncSession, secret: str | None) -> SignedInBrowser | None:
    """Who is signed in by the cookie; none once the session ended or the user may not sign in.

    Tables, not mapped classes, are read: it is not yet known who asks.
    """
    if secret is None:
        return None
    logins, sessions, users = BrowserLogin.__table__, Session.__table__.c, User.__table__.c
    wanted = (
        select(sessions.id, users.id, users.name, users.kind, sessions.started_at, sessions.amr)
        .select_from(logins)
        .join(Session.__table__, sessions.id == logins.c.session_id)
        .join(User.__table__, users.id == sessions.user_id)
        .where(
            logins.c.secret_hash == hash_of(secret),
            logins.c.expires_at > datetime.now(UTC),
            sessions.ended_at.is_(None),
            users.status == UserStatus.ACTIVE,
        )
    )
    found = (await session.execute(wanted)).first()
    return None if found is None else SignedInBrowser(*found)
