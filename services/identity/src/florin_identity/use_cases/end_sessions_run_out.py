"""A session that has run out by itself is stated as ended, and its applications are told."""

from typing import Final, cast

from sqlalchemy import func, select

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.transaction import Begin
from florin_contracts.identity import SessionEndCause
from florin_identity.models.ending import end_session
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.session import Session
from florin_identity.models.session_lives import SessionLives
from florin_identity.settings import Settings

_BATCH: Final = 200


async def end_sessions_run_out(lives: SessionLives, begin: Begin) -> int:
    """End a batch of them; how many there were. One that is being used is for the next turn.

    The database's clock counts, as when a session is refreshed.
    """
    async with begin() as transaction:
        now = (await transaction.session.execute(select(func.clock_timestamp()))).scalar_one()
        wanted = (
            select(Session)
            .join(RefreshFamily, RefreshFamily.session_id == Session.id)
            .where(lives.run_out(now))
            .order_by(Session.started_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        found = (await transaction.session.scalars(wanted)).all()
        for session in found:
            await end_session(transaction, session, SessionEndCause.RAN_OUT)
    return len(found)


async def _end(runtime: Runtime) -> None:
    lives = SessionLives.of(cast(Settings, runtime.settings))
    begin = runtime.begin_as(process_actor(runtime.service))
    while await end_sessions_run_out(lives, begin) == _BATCH:
        pass


END_SESSIONS_RUN_OUT: Final = Job("end sessions that ran out", 30, _end)
