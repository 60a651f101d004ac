"""Sends letters: each at least once, and no two processes the same one at the same time."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, cast

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import func, select

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import happened
from florin_identity.delivery.backoff import delay_s
from florin_identity.delivery.claims import Claimed, claim_letters, let_go
from florin_identity.delivery.post import Disconnected, Post, PutOff, Undeliverable
from florin_identity.delivery.preparing import prepare
from florin_identity.delivery.rendering import message_of
from florin_identity.models.letter import Letter, LetterStatus
from florin_identity.settings import Settings

_AT_ONCE: Final = 20
_WORKING_S: Final = 30.0
"""How long letters of one claim are begun; the rest is let go for another turn."""

_RECORDING_S: Final = 15.0
_RECONNECT_S, _RECONNECT_S_MAX = 1.0, 60.0
_COUNTING_S: Final = 15.0
_ERROR_LENGTH_MAX: Final = 500

ENDED: Final = Counter(
    "florin_letters_total",
    "Tries to send a letter, by kind and outcome: sent, put_off, refused, not_sent (expired, or"
    " with nothing to say any more)",
    ["kind", "outcome"],
)
UNREACHABLE: Final = Counter(
    "florin_letters_unreachable_total", "Times that the mail server could not be reached"
)
WAITING: Final = Gauge("florin_letters_waiting", "Letters that are still to be sent")
OLDEST: Final = Gauge("florin_letters_oldest_seconds", "Age of the oldest letter that waits")
_log = structlog.get_logger(__name__)


class _Outcome(NamedTuple):
    name: str
    status: LetterStatus
    error: str | None = None


class Mailer:
    """One process. A crash between the server's 250 and our record sends the letter once more.

    It has the same `Message-ID` then, by which receivers recognise it.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._settings = cast(Settings, runtime.settings)
        self._begin = runtime.begin_as(process_actor(runtime.service))
        self._reconnect_s = _RECONNECT_S
        self._counted_at = -_COUNTING_S

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`; the letter that is under way then is finished."""
        if self._settings.smtp_host is None:
            _log.warning("letters wait: FLORIN_SMTP_HOST names no mail server")
        while not stopping.is_set():
            await self._count()
            if self._settings.smtp_host is None or not await self._turn(stopping):
                await happened(stopping, self._settings.letters_poll_ms / 1000)

    async def _turn(self, stopping: asyncio.Event) -> bool:
        """Send what is due; whether there was any."""
        until = time.monotonic() + _WORKING_S
        lease_s = _WORKING_S + 2 * self._settings.smtp_timeout_s + _RECORDING_S
        waiting = await claim_letters(self._database, _AT_ONCE, lease_s)
        if not waiting:
            return False
        try:
            async with Post(self._settings) as post:
                self._reconnect_s = _RECONNECT_S
                while waiting and post.is_open and time.monotonic() < until:
                    if stopping.is_set():
                        break
                    await self._deliver(post, waiting.pop(0))
        except Disconnected as error:
            UNREACHABLE.inc()
            _log.warning("mail server unreachable", error=str(error), again_in_s=self._reconnect_s)
            await let_go(self._database, waiting)
            await happened(stopping, self._reconnect_s)
            self._reconnect_s = min(self._reconnect_s * 2, _RECONNECT_S_MAX)
            return True
        await let_go(self._database, waiting)
        return True

    async def _deliver(self, post: Post, letter: Claimed) -> None:
        try:
            prepared = await prepare(letter, self._settings, self._begin)
            if prepared is None:
                ENDED.labels(letter.kind, "not_sent").inc()
                return
            await post.send(message_of(prepared, self._settings))
            outcome = _Outcome("sent", LetterStatus.SENT)
        except PutOff as fault:
            outcome = _Outcome("put_off", LetterStatus.WAITING, str(fault))
        except (Undeliverable, ValueError) as fault:  # what is no address is a ValueError
            outcome = _Outcome("refused", LetterStatus.REFUSED, str(fault))
        except Exception as fault:  # noqa: BLE001 - one letter's fault is not the next one's
            _log.exception("letter not sent", letter=str(letter.id))
            outcome = _Outcome("put_off", LetterStatus.WAITING, repr(fault))
        ENDED.labels(letter.kind, outcome.name).inc()
        await self._record(letter, outcome)

    async def _record(self, letter: Claimed, outcome: _Outcome) -> None:
        """Write down how it went, unless the lease ran out and another has the letter."""
        error = outcome.error and outcome.error[:_ERROR_LENGTH_MAX]
        mine = select(Letter).where(Letter.id == letter.id, Letter.claim == letter.claim)
        async with self._begin() as transaction:
            row = (await transaction.session.scalars(mine.with_for_update())).one_or_none()
            if row is None:
                return
            row.tries += 1
            if outcome.status is not LetterStatus.WAITING:
                row.end(outcome.status, error)
                return
            row.claim, row.error = None, error
            row.due_at = datetime.now(UTC) + timedelta(seconds=delay_s(row.tries))

    async def _count(self) -> None:
        if time.monotonic() - self._counted_at < _COUNTING_S:
            return
        self._counted_at = time.monotonic()
        waiting = Letter.status == LetterStatus.WAITING
        wanted = select(func.count(), func.min(Letter.written_at)).where(waiting)
        async with self._begin() as transaction:
            count, oldest = (await transaction.session.execute(wanted)).one()
        WAITING.set(count)
        OLDEST.set((datetime.now(UTC) - oldest).total_seconds() if count else 0)
