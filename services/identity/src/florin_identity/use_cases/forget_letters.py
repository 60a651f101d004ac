"""Letters that waited for too long end, and what has served is forgotten: letters, links, plans."""

from datetime import UTC, datetime, timedelta
from typing import Final, cast

from sqlalchemy import delete, update

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_identity.models.email_change import EmailChange
from florin_identity.models.letter import Letter, LetterStatus
from florin_identity.models.one_time_link import OneTimeLink
from florin_identity.settings import MailSettings


async def forget_letters(runtime: Runtime) -> None:
    """Where no mailer runs, this is what bounds them."""
    settings, now = cast(MailSettings, runtime.settings), datetime.now(UTC)
    unsent = now - timedelta(hours=settings.letter_waiting_hours_max)
    ended = now - timedelta(days=settings.letter_retention_days)
    waiting = (Letter.status == LetterStatus.WAITING) & (Letter.due_at < now)
    expired = {"status": LetterStatus.EXPIRED, "ended_at": now, "claim": None, "sealed_token": None}
    async with runtime.begin_as(process_actor(runtime.service))() as transaction:
        session = transaction.session
        too_late = update(Letter).where(waiting, Letter.written_at < unsent)
        await session.execute(too_late.values(expired))
        await session.execute(delete(Letter).where(Letter.ended_at < ended))
        await session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now))
        await session.execute(delete(EmailChange).where(EmailChange.expires_at < now))


FORGET_LETTERS: Final = Job("forget letters", 3_600, forget_letters)
