"""Where the relay's rows come from: the write-ahead log where it can be had, else the table."""

import asyncio
import time

import psycopg
import structlog
from asyncpg import Connection

from florin_chassis.metrics import RELAY_MODE
from florin_chassis.road import slots
from florin_chassis.road.intake import Intake
from florin_chassis.road.polling import Polling
from florin_chassis.road.wal import Stream
from florin_chassis.settings import ServiceSettings
from florin_chassis.waiting import happened

_RETRY_S, _RETRY_S_MAX = 1.0, 60.0
_GAPS_S = 0.1
"""How often missing ids are looked for while the log is read; they hold up nobody."""
_log = structlog.get_logger(__name__)


class PollingSource:
    """The table, asked every so often, or when `committed` says that there is something."""

    def __init__(self, polling: Polling, committed: asyncio.Event, pause_s: float) -> None:
        self._polling = polling
        self._committed = committed
        self._pause_s = pause_s

    async def step(self) -> int:
        """Take in what there is; how many rows that were."""
        self._committed.clear()
        return await self._polling.step()

    async def wait(self) -> None:
        """Return when there may be something."""
        await happened(self._committed, self._pause_s)

    async def close(self) -> None:
        """There is nothing to let go of."""


class WalSource:
    """The write-ahead log. Until it is open and has caught up, and whenever it fails, polls.

    The two may overlap: what one has brought, the intake does not take from the other.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        connection: Connection,
        intake: Intake,
        table: PollingSource,
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._table = table
        self._polling = Polling(connection, intake, settings.relay_batch_max)
        self._opening: asyncio.Task[Stream] | None = None
        self._open_at, self._retry_s = 0.0, _RETRY_S
        self._stream: Stream | None = None
        self._is_streaming = False
        self._reason = ""
        self._gaps_at = 0.0

    async def step(self) -> int:
        """Take in what there is; how many rows that were."""
        self._open()
        if self._stream and self._is_streaming:
            found = await self._read(self._stream)
            await self._mind_gaps()
            return found
        polled = await self._table.step()
        stream = self._stream
        if stream is None or polled >= self._settings.relay_batch_max:
            return polled  # what the table still has comes before what the log has
        found = await self._read(stream)
        if self._stream is stream and stream.has_caught_up:
            self._is_streaming, self._retry_s, self._reason = True, _RETRY_S, ""
            show_mode("wal")
            _log.info("relay reads the write-ahead log")
        return found + polled

    async def wait(self) -> None:
        """Return when there may be something."""
        if self._stream and self._is_streaming:
            await self._stream.readable(_GAPS_S)
        else:
            await self._table.wait()

    async def close(self) -> None:
        """Let go of the slot."""
        if self._opening:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
            if not self._opening.cancelled() and not self._opening.exception():
                self._stream = self._opening.result()
        if self._stream:
            await self._stream.close()

    async def _read(self, stream: Stream) -> int:
        """Whatever is wrong with the log, there is still the table."""
        try:
            rows = stream.read(self._settings.relay_batch_max)
        except Exception as error:  # noqa: BLE001
            await self._fall_back(error)
            return 0
        load = await self._intake.accept(rows)
        try:
            stream.passed(load)
        except psycopg.Error as error:
            await self._fall_back(error)
        return len(rows)

    async def _mind_gaps(self) -> None:
        if self._intake.window.gaps and time.monotonic() >= self._gaps_at:
            self._gaps_at = time.monotonic() + _GAPS_S
            await self._polling.mind_gaps()

    def _open(self) -> None:
        """In the background: making a slot waits for whoever is writing anywhere in the cluster."""
        if self._opening and self._opening.done():
            opening, self._opening = self._opening, None
            try:
                self._stream = opening.result()
            except Exception as error:  # noqa: BLE001 - as with `_read`
                self._note(error)
        elif not self._opening and not self._stream and time.monotonic() >= self._open_at:
            self._opening = asyncio.create_task(slots.open_stream(self._settings))

    async def _fall_back(self, error: Exception) -> None:
        if self._stream:
            await self._stream.close()
        self._stream, self._is_streaming = None, False
        show_mode("poll")
        self._note(error)

    def _note(self, error: Exception) -> None:
        """Say it once for each reason, and try again after a while."""
        self._open_at = time.monotonic() + self._retry_s
        self._retry_s = min(self._retry_s * 2, _RETRY_S_MAX)
        reason = " ".join(str(error).split())
        if reason != self._reason:
            _log.warning("relay polls: it cannot read the write-ahead log", reason=reason)
        self._reason = reason


def show_mode(mode: str) -> None:
    """Show how the outbox is read: `wal`, `poll`, or not by this process."""
    for each in ("wal", "poll"):
        RELAY_MODE.labels(each).set(each == mode)
