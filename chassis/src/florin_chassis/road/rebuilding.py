"""Builds projections anew from the state topics, while the service goes on: for an operator.

The rows of a topic are compared with all its states as they stand now: what differs is written
again, also at the same sequence, and what is no longer stated vanishes. Rows that change meanwhile
are newer, and stay. Nothing moves the consumer's own position.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_chassis.road.leaving import leave
from florin_chassis.road.messages import Reader, Record, Unreadable
from florin_chassis.road.projections import Projected
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.topic_administration import KafkaTopics
from florin_contracts.states import state_topic

_BATCH: Final = 1_000
_POLL_MS: Final = 1_000

_BEGIN = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS unseen (id uuid PRIMARY KEY, sequence bigint NOT NULL)",
    "TRUNCATE unseen",
)
_NOTE = text(
    "INSERT INTO unseen SELECT id, sequence FROM projected_states"
    " WHERE topic = :topic AND state IS NOT NULL"
)
_WRITE = text(
    "WITH stated AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:sequences AS bigint[]),"
    " CAST(:states AS text[])) AS s(id, sequence, state)),"
    " seen AS (DELETE FROM unseen USING stated WHERE unseen.id = stated.id)"
    " INSERT INTO projected_states AS p (topic, id, sequence, state)"
    " SELECT :topic, id, sequence, CAST(state AS jsonb) FROM stated ORDER BY id"
    " ON CONFLICT (topic, id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state"
    " WHERE p.sequence < excluded.sequence OR (p.sequence = excluded.sequence"
    " AND p.state IS NOT NULL AND p.state IS DISTINCT FROM excluded.state)"
)
_SWEEP = text(
    "DELETE FROM projected_states p USING unseen WHERE p.topic = :topic AND p.id = unseen.id"
    " AND p.sequence = unseen.sequence"
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How far the rebuilding of one projection is, in records of its state topic."""

    topic: str
    read: int
    total: int
    unreadable: int = 0
    vanished: int | None = None
    """How many rows nobody states any more; known at the end of the topic."""


async def rebuild(
    runtime: Runtime, subscriptions: Subscriptions, topics: Sequence[str] = ()
) -> AsyncIterator[Rebuilt]:
    """Rebuild the projections of these topics of facts, or all; yields as it goes on.

    Raises `KafkaError` when Kafka does not answer, and `LookupError` on a topic that is not
    projected here or has no state topic.
    """
    wanted = list(topics) or sorted(subscriptions.projected)
    if unknown := set(wanted) - subscriptions.projected.keys():
        raise LookupError(f"not projected here: {', '.join(sorted(unknown))}")
    kafka = AIOKafkaConsumer(
        bootstrap_servers=runtime.settings.kafka_bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await kafka.start()
    try:
        async with runtime.database.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for topic in wanted:
                rebuilding = _Rebuilding(runtime, subscriptions, topic)
                async for progress in rebuilding.run(kafka, autocommit):
                    yield progress
    finally:
        await leave(kafka)


class _Rebuilding:
    """One topic's."""

    def __init__(self, runtime: Runtime, subscriptions: Subscriptions, topic: str) -> None:
        self._topic = topic
        self._log = runtime.settings.topic_prefix + state_topic(topic)
        self._bootstrap = runtime.settings.kafka_bootstrap
        self._reader = Reader(subscriptions, runtime.settings)
        self._unreadable = 0

    async def run(
        self, kafka: AIOKafkaConsumer, connection: AsyncConnection
    ) -> AsyncIterator[Rebuilt]:
        """Compare the rows that there are with the log as it ends now."""
        for statement in _BEGIN:
            await connection.exec_driver_sql(statement)
        await connection.execute(_NOTE, {"topic": self._topic})
        starts, ends = await self._bounds(kafka)
        total = sum(ends.values()) - sum(starts.values())
        async for records in _until(kafka, ends):
            await self._write(connection, records)
            left = [max(0, end - await kafka.position(p)) for p, end in ends.items()]
            yield Rebuilt(self._topic, total - sum(left), total, self._unreadable)
        swept = await connection.execute(_SWEEP, {"topic": self._topic})
        yield Rebuilt(self._topic, total, total, self._unreadable, swept.rowcount)

    async def _bounds(
        self, kafka: AIOKafkaConsumer
    ) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        async with KafkaTopics.at(self._bootstrap) as topics:
            described = await topics.describe({self._log})
        if not described:
            raise LookupError(f"there is no topic {self._log}")
        partitions = [TopicPartition(self._log, n) for n in range(described[0].partitions)]
        kafka.assign(partitions)
        starts = await kafka.beginning_offsets(partitions)
        for partition, offset in starts.items():
            kafka.seek(partition, offset)
        return starts, await kafka.end_offsets(partitions)

    async def _write(self, connection: AsyncConnection, records: Sequence[Record]) -> None:
        latest: dict[object, Projected] = {}
        for record in records:
            try:
                projected = self._reader.read(record).projected
            except Unreadable:
                self._unreadable += 1
                continue
            if projected and (
                projected.id not in latest or latest[projected.id].rank < projected.rank
            ):
                latest[projected.id] = projected
        if latest:
            columns = {
                "topic": self._topic,
                "ids": [one.id for one in latest.values()],
                "sequences": [one.sequence for one in latest.values()],
                "states": [one.state for one in latest.values()],
            }
            await connection.execute(_WRITE, columns)


async def _until(
    kafka: AIOKafkaConsumer, ends: dict[TopicPartition, int]
) -> AsyncIterator[list[Record]]:
    """What the log holds up to these ends, in batches."""
    while any([await kafka.position(partition) < end for partition, end in ends.items()]):
        polled = await kafka.getmany(timeout_ms=_POLL_MS, max_records=_BATCH)
        yield [record for records in polled.values() for record in records]
