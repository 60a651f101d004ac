"""Applications are told of a session that ended: a row of its transaction, sent later.

Source: OpenID Connect Back-Channel Logout 1.0.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.ids import new_id
from florin_identity.models.application import Application
from florin_identity.models.application_grant import ApplicationGrant
from florin_identity.models.base import Base
from florin_identity.models.errand import Errand


class NoticeStatus(StrEnum):
    """*waiting* until it was *delivered*, the application *refused* it, or it is too late."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"


class LogoutNotice(Errand, Base):
    """That an application is to sign its user out of what it signed in to in this session."""

    __tablename__ = "logout_notices"
    __table_args__ = (
        Index("ix_logout_notices_waiting", "due_at", postgresql_where=text("status = 'waiting'")),
        Index(None, "application_id"),
        Index(None, "user_id"),
        Index(None, "ended_at"),
    )

    status: Mapped[NoticeStatus]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[UUID]

    def end(self, status: NoticeStatus, error: str | None = None) -> None:
        """It is not tried again."""
        self.status, self.error = status, error
        self.ended_at, self.claim = datetime.now(UTC), None


async def tell_of_logout(
    session: AsyncSession, session_ids: Collection[UUID], application_id: UUID | None = None
) -> None:
    """Have every application told that was signed in to in these sessions; or the one named."""
    grants, applications = ApplicationGrant.__table__.c, Application.__table__.c
    wanted = (
        select(grants.application_id, grants.user_id, grants.session_id)
        .join(Application.__table__, applications.id == grants.application_id)
        .where(
            grants.session_id.in_(session_ids),
            applications.backchannel_logout_uri.is_not(None),
            applications.removed.is_(False),
        )
        .distinct()
    )
    if application_id is not None:
        wanted = wanted.where(grants.application_id == application_id)
    now = datetime.now(UTC)
    for row in (await session.execute(wanted)).all():
        session.add(
            LogoutNotice(
                id=new_id(),
                status=NoticeStatus.WAITING,
                application_id=row.application_id,
                user_id=row.user_id,
                session_id=row.session_id,
                tries=0,
                due_at=now,
                written_at=now,
            )
        )
