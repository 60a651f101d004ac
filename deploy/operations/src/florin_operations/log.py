"""Kafka's log as it lies there: read from any offset to a fixed end, in no consumer group."""

import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from florin_chassis.road.leaving import leave
from florin_chassis.topic_administration import KafkaTopics, Topic
from florin_operations.errors import Unreachable
from florin_operations.settings import Installation

_REQUEST_MS_MAX = 10_000
_SILENCE_S_MAX = 30.0
_RECORDS_MAX = 5_000
_POLL_MS = 1_000
Record: TypeAlias = ConsumerRecord[bytes, bytes]


@dataclass(frozen=True)
class Bounds:
    """What one partition holds: offsets from `first` up to, and without, `end`."""

    first: int
    end: int


class Log:
    """The topics of one Kafka, by the names that they have there."""

    def __init__(self, consumer: AIOKafkaConsumer, topics: KafkaTopics) -> None:
        self._consumer = consumer
        self._topics = topics

    async def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Those of the topics that exist, with their configuration."""
        return {topic.name: topic for topic in await self._topics.describe(names)}

    async def bounds(self, topics: Iterable[Topic]) -> dict[TopicPartition, Bounds]:
        """What each partition of these topics holds now."""
        asked = [TopicPartition(t.name, number) for t in topics for number in range(t.partitions)]
        if not asked:
            return {}
        first = await self._consumer.beginning_offsets(asked)
        end = await self._consumer.end_offsets(asked)
        return {partition: Bounds(first[partition], end[partition]) for partition in asked}

    async def read(self, bounds: Mapping[TopicPartition, Bounds]) -> AsyncIterator[list[Record]]:
        """Every record within the bounds, in the order of its partition, batch by batch."""
        open_ = {p: b for p, b in bounds.items() if b.first < b.end}
        self._start_at({partition: bound.first for partition, bound in open_.items()})
        patience = _Patience()
        while open_:
            polled = await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=_RECORDS_MAX)
            for partition, records in polled.items():
                if partition in open_:
                    end = open_[partition].end
                    yield [record for record in records if record.offset < end]
            left = await self._unfinished(open_)
            patience.note(progress=bool(polled) or len(left) < len(open_))
            open_ = left

    async def records_at(
        self, offsets: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, Record]:
        """The first record at or after each of these offsets, which the log must hold."""
        found: dict[TopicPartition, Record] = {}
        self._start_at(offsets)
        patience = _Patience()
        while waiting := offsets.keys() - found.keys():
            polled = await self._consumer.getmany(*waiting, timeout_ms=_POLL_MS)
            found |= {partition: records[0] for partition, records in polled.items()}
            self._consumer.pause(*polled)
            patience.note(progress=bool(polled))
        return found

    def _start_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._consumer.assign(list(offsets))
        for partition, offset in offsets.items():
            self._consumer.seek(partition, offset)

    async def _unfinished(
        self, open_: Mapping[TopicPartition, Bounds]
    ) -> dict[TopicPartition, Bounds]:
        """Those partitions of which something is still to be read; the others are read no more."""
        left = {}
        for partition, bound in open_.items():
            if await self._consumer.position(partition) < bound.end:
                left[partition] = bound
            else:
                self._consumer.pause(partition)
        return left


class _Patience:
    """Ends a read to which Kafka gives nothing for long."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def note(self, *, progress: bool) -> None:
        """Raises `TimeoutError` after too long without progress."""
        now = time.monotonic()
        if progress:
            self._last = now
        elif now - self._last > _SILENCE_S_MAX:
            raise TimeoutError(f"no record came for {_SILENCE_S_MAX:.0f} s")


@asynccontextmanager
async def log_of(installation: Installation) -> AsyncIterator[Log]:
    """The installation's Kafka; its faults inside the block become `Unreachable`."""
    bootstrap = installation.kafka_bootstrap
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        request_timeout_ms=_REQUEST_MS_MAX,
    )
    try:
        await consumer.start()
        async with KafkaTopics.at(bootstrap) as topics:
            yield Log(consumer, topics)
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unreachable(f"Kafka at {bootstrap} does not answer: {_reason(error)}") from error
    finally:
        await leave(consumer)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
