"""One partition's way into the database: read ahead, in order, whatever other partitions do."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from aiokafka import TopicPartition

from florin_chassis.actor import process_actor
from florin_chassis.metrics import CONSUMER_FENCED, CONSUMER_LOG_RESETS
from florin_chassis.road.cursor import Cursor, Verdict
from florin_chassis.road.fence import Fenced, Move, move, read_cursor
from florin_chassis.road.messages import Record
from florin_chassis.road.patience import Patience, Stopping, passing
from florin_chassis.road.working import Means, Worker
from florin_chassis.runtime import Runtime
from florin_contracts.states import is_state_topic

_SETTLED_MS = 1_000
_log = structlog.get_logger(__name__)


class Log(Protocol):
    """What a lane asks of Kafka."""

    def read_from(self, partition: TopicPartition, offset: int) -> None:
        """Return records from this offset on and no others; the oldest if there is no such."""

    async def beginning(self, partition: TopicPartition) -> int:
        """The offset of the oldest record that the log still has."""

    def pause(self, partition: TopicPartition) -> None:
        """Read nothing more of it for now."""

    def resume(self, partition: TopicPartition) -> None:
        """Read on."""


class Lane:
    """Takes one partition's records in, and has them written behind the fence."""

    def __init__(self, partition: TopicPartition, runtime: Runtime, means: Means, log: Log) -> None:
        self.partition, self._log_of, self._runtime = partition, log, runtime
        self._stopping, self._arrived = asyncio.Event(), asyncio.Event()
        self._patience = Patience(partition, means.progress, self._stopping)
        self._worker = Worker(means, self._patience)
        self._records: deque[Record] = deque()
        self._end = self._entered_ms = 0
        self._is_paused = self._is_replaced = False
        self._may_skip = is_state_topic(partition.topic)

    @property
    def next_offset(self) -> int:
        """All before it is handled."""
        return self._worker.cursor.next_offset

    def offer(self, records: Sequence[Record], end: int) -> None:
        """Take records in, of a log that ends there now.

        Reading ahead is bounded: a partition that is behind is paused. A log that has become
        shorter is another one; what was read of the one before is handled first.
        """
        self._is_replaced = self._is_replaced or end < self._end
        self._end = max(self._end, end)
        if not self._is_replaced:
            self._records.extend(records)
        self._arrived.set()
        if not self._is_paused and len(self._records) >= self._runtime.settings.consumer_buffer_max:
            self._is_paused = True
            self._log_of.pause(self.partition)

    def see_end(self, end: int, seen_ms: int) -> None:
        """Notice a log that ends before what has been handled of it: nothing of it may arrive.

        An end that was seen before this lane could know where it stands tells nothing.
        """
        if seen_ms > self._entered_ms + _SETTLED_MS and end < self.next_offset:
            self._is_replaced = True
            self._arrived.set()

    def stop(self) -> None:
        """Finish the transaction in hand, wait for nothing more, and end."""
        self._stopping.set()
        self._arrived.set()

    async def run(self) -> None:
        """Handle the partition until told to stop; raises `ConsumerHalted`."""
        while not self._stopping.is_set():
            try:
                await self._enter()
                while True:
                    await self._advance()
            except Stopping:
                break
            except Fenced:
                CONSUMER_FENCED.labels(self.partition.topic).inc()
                _log.warning("another consumer has moved on", **self.partition._asdict())
            except Exception as fault:  # noqa: BLE001 - raised again unless it passes
                await self._outlast(fault)
        self._patience.over()

    async def _outlast(self, fault: Exception) -> None:
        if passing(fault) is None:
            raise fault
        with suppress(Stopping):
            await self._patience.wait("database", fault)

    async def _enter(self) -> None:
        """Read on from where the database says that this partition is."""
        async with self._runtime.database.engine.begin() as connection:
            self._worker.cursor = await read_cursor(connection, *self.partition)
        self._patience.over()
        self._read_on()

    def _read_on(self) -> None:
        self._records.clear()
        self._end, self._is_paused, self._is_replaced = 0, False, False
        self._entered_ms = int(time.time() * 1_000)
        if not self._stopping.is_set():
            self._arrived.clear()
        self._log_of.read_from(self.partition, self._worker.cursor.seek_to)

    async def _advance(self) -> None:
        """Handle what has arrived, once it is sure that it is of the log that was read so far."""
        await self._arrived.wait()
        if self._stopping.is_set():
            raise Stopping
        cursor = self._worker.cursor
        verdict = self._judge_next(cursor)
        if verdict is Verdict.KNOWN:
            self._take(1)
            return
        if verdict is Verdict.REPLACED:
            await self._start_over()
            return
        if verdict is Verdict.JUMPS and not self._may_skip:
            await self._note_truncation(cursor)
        await self._worker.handle(self._take(self._runtime.settings.consumer_batch_max))

    def _judge_next(self, cursor: Cursor) -> Verdict:
        if not self._records:
            return Verdict.REPLACED
        return cursor.judge(self._records[0].offset, self._records[0].timestamp)

    def _take(self, records_max: int) -> list[Record]:
        """The next records, as far as the log goes on without a break."""
        taken = [self._records.popleft()]
        while self._records and len(taken) < records_max and self._follows(taken[-1]):
            taken.append(self._records.popleft())
        if not self._records and not self._is_replaced:
            self._arrived.clear()
        if self._is_paused and len(self._records) < self._runtime.settings.consumer_buffer_max // 2:
            self._is_paused = False
            self._log_of.resume(self.partition)
        if self._stopping.is_set():
            self._arrived.set()
        return taken

    def _follows(self, last: Record) -> bool:
        step = self._records[0].offset - last.offset
        return bool(step > 0 if self._may_skip else step == 1)

    async def _start_over(self) -> None:
        """It is another log: what is in it and was handled before is dropped by the inbox."""
        (topic, partition), before = self.partition, self._worker.cursor
        _log.error("log replaced", **self.partition._asdict(), next_offset=before.next_offset)
        CONSUMER_LOG_RESETS.labels(self.partition.topic, "replaced").inc()
        actor = process_actor(self._runtime.service)
        async with self._runtime.database.session(actor) as session:
            await move(session, Move(topic, partition, before, Cursor()))
            await session.commit()
        self._worker.cursor = Cursor()
        self._read_on()

    async def _note_truncation(self, cursor: Cursor) -> None:
        beginning = await self._log_of.beginning(self.partition)
        if 0 < cursor.next_offset < beginning:
            lost = beginning - cursor.next_offset
            _log.error("records expired unread", **self.partition._asdict(), records=lost)
            CONSUMER_LOG_RESETS.labels(self.partition.topic, "truncated").inc()
