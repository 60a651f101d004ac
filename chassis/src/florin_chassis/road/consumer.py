"""Reads the topics a service listens to: one Kafka consumer, and a lane for each partition.

Kafka says which partitions are this process's; the database says where each of them stands (see
`fence`). The order of steps for a batch: position, inbox, effects, outbox in one transaction; the
offsets are committed to Kafka about every half second, for those who look on.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from florin_chassis.metrics import CONSUMER_LAG, CONSUMER_WAIT
from florin_chassis.road.inbox import Inbox
from florin_chassis.road.lane import Lane
from florin_chassis.road.leaving import leave
from florin_chassis.road.messages import Reader
from florin_chassis.road.patience import Progress
from florin_chassis.road.replay import Replayer
from florin_chassis.road.silence import Silence
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.road.working import Means, Strikes
from florin_chassis.runtime import Runtime
from florin_chassis.settings import ServiceSettings
from florin_chassis.waiting import happened

_FETCH_WAIT_MS: Final = 50
"""A fetch under way holds up a resumed partition no longer than this."""
_FETCH_BYTES_MAX: Final = 262_144
_METADATA_AGE_MS: Final = 2_000
"""How soon a new topic or partition is noticed: after a log was lost, all of them are."""
_POLL_MS: Final = 1_000
_REPORT_S: Final = 0.5
_HANDOVER_S: Final = 5.0
"""How long a batch in hand may hold up a rebalance; then its transaction is rolled back."""
_COMMIT_S_MAX: Final = 5.0
"""How long Kafka is waited for where nothing depends on its answer."""
_log = structlog.get_logger(__name__)


def group_of(service: str, settings: ServiceSettings) -> str:
    """The consumer group of a service."""
    return settings.topic_prefix + service


class Consumer:
    """Consumes for one service; any number of them share its partitions."""

    def __init__(self, runtime: Runtime, subscriptions: Subscriptions) -> None:
        self._runtime, self._subscriptions = runtime, subscriptions

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`; what is being handled then is finished and committed.

        Raises `ConsumerHalted`, and `KafkaError` when Kafka does not answer at the start.
        """
        settings = self._runtime.settings
        inbox = Inbox(self._runtime, self._subscriptions)
        reader, progress = Reader(self._subscriptions, settings), Progress()
        means = Means(inbox, reader, Strikes(settings.parked_in_row_max), progress)
        kafka = self._kafka()
        lanes = Lanes(kafka, lambda partition, log: Lane(partition, self._runtime, means, log))
        kafka.subscribe(pattern=self._topics(), listener=lanes)
        await kafka.start()
        replayer = Replayer(self._runtime, inbox, reader, progress)
        parts = (lanes.poll(), lanes.report(stopping), lanes.watch(), replayer.run(stopping))
        try:
            await _until(stopping, parts)
        finally:
            await lanes.stop()
            await leave(kafka)

    def _topics(self) -> str:
        """As a pattern: subscribed to by name, a topic that is still to be made holds up all."""
        topics = self._subscriptions.topics | self._subscriptions.state_topics
        prefix = self._runtime.settings.topic_prefix
        return "|".join(f"^{re.escape(prefix + topic)}$" for topic in sorted(topics))

    def _kafka(self) -> AIOKafkaConsumer:
        settings = self._runtime.settings
        return AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap,
            client_id=self._runtime.service,
            group_id=group_of(self._runtime.service, settings),
            group_instance_id=settings.consumer_instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            max_partition_fetch_bytes=_FETCH_BYTES_MAX,
            metadata_max_age_ms=_METADATA_AGE_MS,
        )


class Lanes(ConsumerRebalanceListener):  # type: ignore[misc]
    """The lanes of the partitions that Kafka has assigned to this process."""

    def __init__(
        self, kafka: AIOKafkaConsumer, make: Callable[[TopicPartition, "Lanes"], Lane]
    ) -> None:
        self._kafka, self._make = kafka, make
        self._lanes: dict[TopicPartition, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed = asyncio.Event()
        self._failures: list[BaseException] = []
        self._reported: dict[TopicPartition, int] = {}
        self._silence = Silence()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin each where the database says; until then, nothing of it is read."""
        partitions = list(assigned)
        self._kafka.pause(*partitions)
        for partition in partitions:
            self._lanes[partition] = self._make(partition, self)
            task = asyncio.create_task(self._lanes[partition].run())
            task.add_done_callback(self._note_end)
            self._tasks.add(task)
        _log.info("partitions assigned", count=len(partitions))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002
        """Rebalances are eager: all partitions go, and what remains ours is assigned again."""
        await self.stop()

    async def stop(self) -> None:
        """End every lane: what it has in hand is committed, or rolled back if that takes long."""
        for lane in self._lanes.values():
            lane.stop()
        if tasks := list(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=_HANDOVER_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._commit()
        for topic, partition in self._lanes:
            CONSUMER_LAG.remove(topic, partition)
            CONSUMER_WAIT.remove(topic, partition)
        self._lanes.clear()
        self._reported.clear()

    async def poll(self) -> None:
        """Hand what arrives to the lanes, for ever."""
        while True:
            for partition, records in (await self._kafka.getmany(timeout_ms=_POLL_MS)).items():
                if lane := self._lanes.get(partition):
                    lane.offer(records, self._end_of(partition) or 0)

    async def watch(self) -> None:
        """Raise what ends a lane before its time."""
        await self._failed.wait()
        raise self._failures[0]

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            self._failures.append(failure)
            self._failed.set()

    async def report(self, stopping: asyncio.Event) -> None:
        """Tell Kafka and the metrics where the lanes stand, about twice a second.

        Raises `Unanswered` when Kafka has not been heard of for long.
        """
        while not await happened(stopping, _REPORT_S):
            await self._commit()
            self._silence.note(self._last_answer_ms())
            for (topic, partition), lane in self._lanes.items():
                end = self._end_of(lane.partition)
                if end is not None:
                    lane.see_end(end, self._kafka.last_poll_timestamp(lane.partition) or 0)
                    CONSUMER_LAG.labels(topic, partition).set(max(0, end - lane.next_offset))

    def _last_answer_ms(self) -> int | None:
        fetched = self._kafka.assignment() - self._kafka.paused()
        return max((self._kafka.last_poll_timestamp(p) or 0 for p in fetched), default=None)

    def _end_of(self, partition: TopicPartition) -> int | None:
        """The end of its log as last heard; a partition can be taken away at any moment."""
        if partition not in self._kafka.assignment():
            return None
        end: int | None = self._kafka.highwater(partition)
        return end

    async def _commit(self) -> None:
        """For those who look on: whether it succeeds makes no difference to what is handled."""
        stand = {partition: lane.next_offset for partition, lane in self._lanes.items()}
        moved = {p: at for p, at in stand.items() if at and self._reported.get(p) != at}
        if not moved:
            return
        try:
            async with asyncio.timeout(_COMMIT_S_MAX):
                await self._kafka.commit(moved)
            self._reported.update(moved)
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            _log.info("offsets not committed", error=repr(error))

    def read_from(self, partition: TopicPartition, offset: int) -> None:
        """Return records from this offset on and no others; the oldest if there is no such."""
        self._kafka.seek(partition, offset)
        self._kafka.resume(partition)

    async def beginning(self, partition: TopicPartition) -> int:
        """The offset of the oldest record that the log still has."""
        offsets: dict[TopicPartition, int] = await self._kafka.beginning_offsets([partition])
        return offsets[partition]

    def pause(self, partition: TopicPartition) -> None:
        """Read nothing more of it for now."""
        self._kafka.pause(partition)

    def resume(self, partition: TopicPartition) -> None:
        """Read on."""
        self._kafka.resume(partition)


async def _until(stopping: asyncio.Event, parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run the parts until told to stop, or until one of them fails, which is raised."""
    stop = asyncio.ensure_future(stopping.wait())
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stop, *tasks):
            task.cancel()
        await asyncio.gather(stop, *tasks, return_exceptions=True)
    for task in done:
        if not task.cancelled():
            task.result()
