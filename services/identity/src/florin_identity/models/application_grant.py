"""What a user granted an application, and what came of it: one code, then tokens.

Ending the grant ends all of them at once.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Unauthenticated
from florin_chassis.ids import new_id
from florin_contracts.identity import SessionEndCause, UserStatus
from florin_identity.models.application import Application
from florin_identity.models.application_secret import hash_of
from florin_identity.models.authorization import OFFLINE, AuthorizationRequest
from florin_identity.models.base import Base
from florin_identity.models.browser_login import SignedInBrowser
from florin_identity.models.session import Session
from florin_identity.models.user import User

_SECRET_BYTES: Final = 32


class InvalidToken(Unauthenticated):
    """It is no access token of an application's, or no longer. Source: RFC 6750, section 3.1."""

    code = "invalid_token"
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # noqa: RUF012


class ApplicationGrant(Base):
    """A user's sign-in to an application. With `offline_access` it outlives the signing out."""

    __tablename__ = "application_grants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[UUID] = mapped_column(index=True)
    """It may be forgotten meanwhile."""
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    nonce: Mapped[str | None]
    amr: Mapped[list[str]] = mapped_column(ARRAY(String))
    signed_in_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    def end(self) -> None:
        """Nothing that came of it is good any more."""
        self.ended_at = self.ended_at or datetime.now(UTC)


class AuthorizationCode(Base):
    """A code, kept as a hash: good once, for a minute, for one application and address."""

    __tablename__ = "authorization_codes"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(
        ForeignKey("application_grants.id", ondelete="CASCADE"), index=True
    )
    redirect_uri: Mapped[str]
    challenge: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApplicationToken(Base):
    """An access or refresh token of a grant, kept as a hash. It is of no use anywhere but here."""

    __tablename__ = "application_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(
        ForeignKey("application_grants.id", ondelete="CASCADE"), index=True
    )
    renews: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Lives(NamedTuple):
    """How long what is issued lives: a code, an access token, a grant without being renewed."""

    code: timedelta
    access: timedelta
    grant: timedelta


class Issued(NamedTuple):
    """The tokens of a grant, told only here."""

    grant: ApplicationGrant
    access_token: str
    refresh_token: str | None


async def issue_code(
    session: AsyncSession, asked: AuthorizationRequest, browser: SignedInBrowser, lives: Lives
) -> str:
    """A code for what was asked, as the user who is signed in with the browser granted it."""
    now, code = datetime.now(UTC), secrets.token_urlsafe(_SECRET_BYTES)
    grant = ApplicationGrant(
        id=new_id(),
        application_id=asked.application.id,
        user_id=browser.user_id,
        session_id=browser.session_id,
        scopes=list(asked.scopes),
        nonce=asked.nonce,
        amr=list(browser.amr),
        signed_in_at=browser.signed_in_at,
        expires_at=now + lives.grant,
        ended_at=None,
    )
    session.add(grant)
    await session.flush()
    session.add(
        AuthorizationCode(
            code_hash=hash_of(code),
            grant_id=grant.id,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            expires_at=now + lives.code,
            used_at=None,
        )
    )
    return code


async def issue_tokens(session: AsyncSession, grant: ApplicationGrant, lives: Lives) -> Issued:
    """Fresh tokens of a grant; the refresh token, if it has one, starts its time anew."""
    now = datetime.now(UTC)
    access_token = _keep(session, grant.id, now + lives.access, renews=False)
    refresh_token = None
    if OFFLINE in grant.scopes:
        grant.expires_at = now + lives.grant
        refresh_token = _keep(session, grant.id, grant.expires_at, renews=True)
    return Issued(grant, access_token, refresh_token)


def _keep(session: AsyncSession, grant_id: UUID, until: datetime, *, renews: bool) -> str:
    token = secrets.token_urlsafe(_SECRET_BYTES)
    row = ApplicationToken(
        token_hash=hash_of(token), grant_id=grant_id, renews=renews, expires_at=until, used_at=None
    )
    session.add(row)
    return token


async def lock_grant(session: AsyncSession, grant_id: UUID) -> ApplicationGrant:
    """The grant, so that of two who use what came of it at once, one comes second."""
    return await session.get_one(ApplicationGrant, grant_id, with_for_update=True)


async def end_grants(session: AsyncSession, user_id: UUID, application_id: UUID) -> Sequence[UUID]:
    """End whatever the user granted the application; the sessions that it was granted in."""
    mine = (
        ApplicationGrant.user_id == user_id,
        ApplicationGrant.application_id == application_id,
        ApplicationGrant.ended_at.is_(None),
    )
    ending = update(ApplicationGrant).where(*mine).values(ended_at=datetime.now(UTC))
    return (await session.scalars(ending.returning(ApplicationGrant.session_id))).all()


async def is_going_on(session: AsyncSession, grant: ApplicationGrant) -> bool:
    """Whether the grant holds: application and user are there, and so is the session.

    Signing out ends grants that are not for offline use; whatever else ends a session, an
    administrator or a stolen token, ends those too.
    """
    users, sessions, applications = (kind.__table__.c for kind in (User, Session, Application))
    facts = (
        select(
            users.status, sessions.id, sessions.ended_at, sessions.end_cause, applications.removed
        )
        .join_from(User.__table__, Session.__table__, sessions.id == grant.session_id, isouter=True)
        .join(Application.__table__, applications.id == grant.application_id)
        .where(users.id == grant.user_id)
    )
    status, known, ended_at, end_cause, removed = (await session.execute(facts)).one()
    outlives = OFFLINE in grant.scopes and end_cause in {None, SessionEndCause.SIGNED_OUT}
    goes_on = known is not None and ended_at is None
    over = grant.ended_at is not None or grant.expires_at <= datetime.now(UTC) or removed
    return not over and status is UserStatus.ACTIVE and (goes_on or outlives)
