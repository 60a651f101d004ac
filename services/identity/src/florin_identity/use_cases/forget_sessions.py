"""Sessions that are over are erased after a while; the security log says that they were."""

from datetime import UTC, datetime, timedelta
from typing import Final, cast

from sqlalchemy import select

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.transaction import Begin
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.session import Session
from florin_identity.models.session_lives import SessionLives
from florin_identity.settings import Settings

_BATCH: Final = 200


async def forget_sessions(lives: SessionLives, kept_for: timedelta, begin: Begin) -> int:
    """Erase a batch of those that have been over for so long; how many there were."""
    async with begin() as transaction:
        over = (
            select(Session)
            .outerjoin(RefreshFamily, RefreshFamily.session_id == Session.id)
            .where(lives.over(datetime.now(UTC) - kept_for))
            .order_by(Session.id)
            .limit(_BATCH)
            .with_for_update(of=Session, skip_locked=True)
        )
        found = (await transaction.session.scalars(over)).all()
        for session in found:
            await transaction.erase(session)
    return len(found)


async def _forget(runtime: Runtime) -> None:
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    kept_for = timedelta(days=settings.session_kept_days)
    while await forget_sessions(SessionLives.of(settings), kept_for, begin) == _BATCH:
        pass


FORGET_SESSIONS: Final = Job("forget sessions", 300, _forget)
