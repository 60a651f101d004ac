"""Reads committed outbox rows from PostgreSQL's write-ahead log, through a replication slot."""

import asyncio
import time
from collections import deque
from contextlib import suppress

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from florin_chassis.road.chains import Load
from florin_chassis.road.pgoutput import Decoder, status
from florin_chassis.road.records import Row

_REPORT_S = 5.0
"""How often PostgreSQL is told what it need not keep; silence it takes for a dead reader."""
_BYTES_MAX = 8_388_608
"""So much is read at a time, and one message more."""


class StreamEnded(Exception):
    """PostgreSQL has ended the stream."""


class Stream:
    """An open stream: `read` gives at once what has arrived, `passed` notes its publication.

    What it confirms to PostgreSQL only spares reading twice. That nothing is lost rests on the
    reader's position and on the table: at every start all above the position is polled.
    """

    def __init__(self, connection: psycopg.AsyncConnection, target: int) -> None:
        self._connection = connection
        self._wire = connection.pgconn
        self._target = target
        self._decoder = Decoder()
        self._on_their_way: deque[tuple[int, Load]] = deque()
        self._passed = self._confirmed = 0
        self._reporting = asyncio.create_task(self._report_regularly())

    @property
    def has_caught_up(self) -> bool:
        """Whether all has been read that was in the log when the stream was opened."""
        return self._passed >= self._target

    def read(self, rows_max: int) -> list[Row]:
        """What has arrived, `rows_max` rows at most. Raises when the stream has ended."""
        decoder, wire = self._decoder, self._wire
        bytes_read, is_fresh = 0, True
        while len(decoder.rows) < rows_max and bytes_read < _BYTES_MAX:
            length, data = wire.get_copy_data(1)
            if length > 0:
                decoder.feed(bytes(data))
                bytes_read, is_fresh = bytes_read + length, True
            elif length < 0:
                raise StreamEnded(_reason(wire.get_result()))
            elif is_fresh:
                wire.consume_input()
                is_fresh = False
            else:
                break
        return decoder.take()

    def passed(self, load: Load | None) -> None:
        """All that was read so far was known, or is published with this load."""
        self._passed = self._decoder.reached
        if load:
            self._on_their_way.append((self._passed, load))
        if self._decoder.reply_wanted:
            self._report()

    async def readable(self, within_s: float) -> None:
        """Return when there is something to read, or after so many seconds."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._wire.socket, ready.set)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await ready.wait()
        finally:
            loop.remove_reader(self._wire.socket)

    async def close(self) -> None:
        """Tell PostgreSQL how far everything got, and let the slot go."""
        self._reporting.cancel()
        with suppress(psycopg.Error):
            self._report()
        await self._connection.close()

    def _report(self) -> None:
        while self._on_their_way and not self._on_their_way[0][1].outstanding:
            self._confirmed, _ = self._on_their_way.popleft()
        if not self._on_their_way:
            self._confirmed = self._passed
        self._decoder.reply_wanted = False
        self._wire.put_copy_data(status(self._confirmed, time.time()))
        self._wire.flush()

    async def _report_regularly(self) -> None:
        """Whatever else is waited for, Kafka for one."""
        with suppress(psycopg.Error):  # whoever reads learns of it
            while True:
                await asyncio.sleep(_REPORT_S)
                self._report()


def _reason(result: PGresult | None) -> str:
    if result is not None and result.status == ExecStatus.FATAL_ERROR:
        return (result.error_message or b"").decode(errors="replace").strip()
    return "the server has closed the stream"
