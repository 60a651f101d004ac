"""Notices of logouts that waited for too long end; those that ended are forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Final, cast

from sqlalchemy import delete, update

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_identity.models.logout_notice import LogoutNotice, NoticeStatus
from florin_identity.settings import Settings


async def forget_logout_notices(runtime: Runtime) -> None:
    """Where nobody tells them, this is what bounds them."""
    settings, now = cast(Settings, runtime.settings), datetime.now(UTC)
    untold = now - timedelta(hours=settings.logout_waiting_hours_max)
    forgotten = now - timedelta(days=settings.logout_retention_days)
    too_late = update(LogoutNotice).where(
        LogoutNotice.status == NoticeStatus.WAITING,
        LogoutNotice.due_at < now,
        LogoutNotice.written_at < untold,
    )
    expired = {"status": NoticeStatus.EXPIRED, "ended_at": now, "claim": None}
    async with runtime.begin_as(process_actor(runtime.service))() as transaction:
        await transaction.session.execute(too_late.values(expired))
        ended = delete(LogoutNotice).where(LogoutNotice.ended_at < forgotten)
        await transaction.session.execute(ended)


FORGET_LOGOUT_NOTICES: Final = Job("forget logout notices", 3_600, forget_logout_notices)
