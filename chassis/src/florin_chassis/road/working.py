"""Gets one partition's batches written: waits out what passes, sets apart what never will."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from florin_chassis.errors import ConsumerHalted
from florin_chassis.metrics import CONSUMED, CONSUMER_AGE
from florin_chassis.road.bisecting import Bisection
from florin_chassis.road.cursor import Cursor
from florin_chassis.road.fence import Fenced, Move
from florin_chassis.road.inbox import Culprit, Inbox
from florin_chassis.road.messages import Message, Reader, Record, Unreadable
from florin_chassis.road.patience import Patience, Progress, brief, passing

_log = structlog.get_logger(__name__)


class Strikes:
    """Counts poisoned events in a row, per topic: a bad deploy fails them all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._row: Counter[str] = Counter()

    def strike(self, topic: str) -> None:
        """One more; raises `ConsumerHalted` past the limit."""
        self._row[topic] += 1
        if self._row[topic] > self._limit:
            raise ConsumerHalted(f"{self._row[topic]} events of {topic} in a row failed")

    def clear(self, topic: str) -> None:
        """One was handled."""
        self._row[topic] = 0


@dataclass(frozen=True)
class Means:
    """What the partitions of one consumer share."""

    inbox: Inbox
    reader: Reader
    strikes: Strikes
    progress: Progress


class Worker:
    """Writes batches of one partition from its `cursor` on."""

    def __init__(self, means: Means, patience: Patience) -> None:
        self.cursor = Cursor()
        self._means, self._patience = means, patience

    async def handle(self, records: Sequence[Record]) -> None:
        """See to it that every record has had its effect, or is parked.

        Raises `Fenced`, `Stopping` while it waits, and `ConsumerHalted`.
        """
        items = [self._read(record) for record in records]
        work = Bisection(len(items))
        while span := work.next:
            self._patience.check()
            start, end = span
            try:
                await self._apply(items[start:end], records[end - 1])
            except (Fenced, ConsumerHalted):
                raise
            except Exception as fault:  # noqa: BLE001 - what it was decides how to go on
                await self._go_on(work, records[start], items[start], fault)
            else:
                work.done()

    def _read(self, record: Record) -> Message | Unreadable:
        try:
            return self._means.reader.read(record)
        except Unreadable as error:
            return error

    async def _apply(self, items: Sequence[Message | Unreadable], last: Record) -> None:
        messages = []
        for index, item in enumerate(items):
            if isinstance(item, Unreadable):
                raise Culprit(index, item)
            messages.append(item)
        step = self._step_past(last)
        outcomes = await self._means.inbox.apply(messages, step)
        self._moved(step)
        if outcomes["handled"]:
            self._means.strikes.clear(last.topic)
        self._measure(messages, outcomes)

    async def _go_on(
        self, work: Bisection, first: Record, item: Message | Unreadable, fault: Exception
    ) -> None:
        """After a failure: wait, or split the batch, or park the one that is left of it."""
        index, error = (fault.index, fault.error) if isinstance(fault, Culprit) else (None, fault)
        if reason := passing(error):
            if index and reason != "database":
                work.before(index)
            else:
                await self._patience.wait(reason, error)
        elif work.is_single:
            await self._park(first, item, error)
            work.done()
        else:
            work.around(index)

    async def _park(self, record: Record, item: Message | Unreadable, error: Exception) -> None:
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        self._means.strikes.strike(record.topic)
        message = item if isinstance(item, Message) else None
        step = self._step_past(record)
        while True:
            try:
                await self._means.inbox.park(record, message, repr(error), step)
                break
            except Exception as fault:
                if passing(fault) is None:
                    raise
                await self._patience.wait("database", fault)
        self._moved(step)
        CONSUMED.labels(record.topic, "parked").inc()
        _log.error("event parked", **where, error=brief(error))

    def _step_past(self, record: Record) -> Move:
        to = self.cursor.past(record.offset, record.timestamp)
        return Move(record.topic, record.partition, self.cursor, to)

    def _moved(self, step: Move) -> None:
        self.cursor = step.to
        self._patience.over()
        self._means.progress.made()

    @staticmethod
    def _measure(messages: Sequence[Message], outcomes: Counter[str]) -> None:
        topic, last = messages[-1].record.topic, messages[-1].envelope
        for outcome, count in outcomes.items():
            CONSUMED.labels(topic, outcome).inc(count)
        CONSUMER_AGE.labels(topic).set(time.time() - last.time.timestamp())
