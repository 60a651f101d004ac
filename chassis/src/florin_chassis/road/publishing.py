"""Hands records to Kafka in real batches; what Kafka refuses holds up its own key and no other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from florin_chassis.metrics import RELAY_HELD, RELAY_REFUSED, RELAYED
from florin_chassis.road.chains import Chains, Entry, Load, Partition
from florin_chassis.road.partitioning import partition_of
from florin_chassis.road.records import Record, headers
from florin_chassis.settings import ServiceSettings
from florin_chassis.waiting import happened

BATCH_BYTES_MAX = 262_144
HELD_MAX = 10_000
"""With so many events held nothing more is read, until some of them are accepted."""

_RETRY_S, _RETRY_S_MAX = 1.0, 60.0
_METADATA_S = 2.0
_STOP_S = 5.0
_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError)
_TOPIC_REFUSED = (
    UnknownTopicOrPartitionError,
    TopicAuthorizationFailedError,
    InvalidTopicError,
    PolicyViolationError,
)
_log = structlog.get_logger(__name__)


class Publisher:
    """One idempotent producer, and the chains of what it has been given.

    `pump` does the work and raises whatever this producer cannot recover from, lost sequence
    numbers for one: then all of it starts again from the confirmed position.
    """

    def __init__(self, settings: ServiceSettings, client_id: str) -> None:
        self.on_progress: Callable[[], None] = lambda: None
        self._settings = settings
        self._client_id = client_id
        self._chains = Chains()
        self._given = asyncio.Event()
        self._moved = asyncio.Event()
        self._retry_s = _RETRY_S
        self._retry_at: float | None = None
        self._producer: AIOKafkaProducer
        self._is_worn = False
        self._shown: set[str] = set()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connected to Kafka inside the block; what is on its way then is waited for a little.

        Not when the block fails: the lease may be another's, or the position set back, and then
        nothing of this relay may arrive between what is sent again in its order.
        """
        self._producer = await self._connect()
        try:
            yield
        except BaseException:
            with suppress(Exception):  # what it had on its way fails, as it is meant to
                await _close(self._producer, within_s=0)
            raise
        await _close(self._producer)

    async def submit(self, load: Load, records: Sequence[Record]) -> None:
        """Take on a load's records, behind all that was taken on before."""
        counts = {topic: await self._partitions(topic) for topic in {r.topic for r in records}}
        self._put([(load, record) for record in records], counts)

    async def moved(self, within_s: float) -> None:
        """Return after the next acknowledgement or refusal, or after so many seconds."""
        self._moved.clear()
        await happened(self._moved, within_s)

    @property
    def is_full(self) -> bool:
        """Whether so much is held that nothing more may be submitted."""
        return self._chains.held_count >= HELD_MAX

    async def pump(self) -> None:
        """Hand over batches and settle them, until cancelled."""
        flights: dict[asyncio.Future[Any], Partition] = {}
        while True:
            if self._is_worn and not flights:
                await self._renew()
            if not self._is_worn:
                for partition in self._chains.ready():
                    flights[await self._hand_over(partition)] = partition
            await self._wait(flights)
            for flight in [future for future in flights if future.done()]:
                self._settle(flights.pop(flight), flight.exception())

    async def _wait(self, flights: Iterable[asyncio.Future[Any]]) -> None:
        """Until a batch is settled, something is given, or what is held is to be tried again."""
        given = asyncio.ensure_future(self._given.wait())
        pause = None if self._retry_at is None else max(0.0, self._retry_at - _now())
        try:
            waited: set[asyncio.Future[Any]] = {*flights, given}
            await asyncio.wait(waited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            given.cancel()
        self._given.clear()
        if self._retry_at is not None and self._retry_at <= _now():
            await self._try_again()

    async def _hand_over(self, partition: Partition) -> asyncio.Future[Any]:
        batch = self._producer.create_batch()
        append = batch.append

        def fits(record: Record) -> bool:
            key, value, made = record.key, record.value, headers(record.envelope)
            return append(timestamp=None, key=key, value=value, headers=made) is not None

        self._chains.take(partition, fits)
        batch.close()
        topic, number = partition
        name = self._settings.topic_prefix + topic
        future: asyncio.Future[Any]
        future = await self._producer.send_batch(batch, name, partition=number)
        future.add_done_callback(_retrieve)
        return future

    def _settle(self, partition: Partition, error: BaseException | None) -> None:
        if error is None:
            RELAYED.inc(self._chains.acknowledge(partition))
        elif isinstance(error, (*_REFUSED, *_TOPIC_REFUSED)):
            self._refused(partition, error)
        else:
            raise error
        self._progress()

    def _refused(self, partition: Partition, error: BaseException) -> None:
        self._is_worn = True  # the broker will expect the sequence numbers of the refused batch
        if isinstance(error, _TOPIC_REFUSED):
            record: Record | None = self._chains.refuse_topic(partition)
        else:
            record = self._chains.refuse(partition)
        if record:
            self._note_held(record, error)

    def _note_held(self, record: Record, error: BaseException) -> None:
        _log.error(
            "Kafka refuses an event; it and what follows it of its key or topic is held",
            topic=record.topic,
            outbox_id=record.id,
            bytes=len(record.value or b""),
            error=repr(error),
            retry_s=self._retry_s,
        )
        if self._retry_at is None:
            self._retry_at = _now() + self._retry_s

    async def _try_again(self) -> None:
        counts = {topic: await self._partitions(topic) for topic, _ in self._chains.held}
        self._retry_at, self._retry_s = None, min(self._retry_s * 2, _RETRY_S_MAX)
        self._put(self._chains.release(), counts)

    def _put(self, entries: Iterable[Entry], counts: dict[str, int | None]) -> None:
        """All at once, without waiting for anything: so that nothing can come in between."""
        for entry in entries:
            _, record = entry
            count = counts.get(record.topic)
            if count is None:
                if (record.topic, None) not in self._chains.held:
                    self._note_held(record, UnknownTopicOrPartitionError(record.topic))
                self._chains.hold_topic([entry])
            else:
                self._chains.put(entry, (record.topic, partition_of(record.key, count)))
        self._given.set()
        self._progress()

    def _progress(self) -> None:
        self._show_held()
        self._moved.set()
        self.on_progress()

    def _show_held(self) -> None:
        held = self._chains.held_by_topic()
        for topic in self._shown - held.keys():
            RELAY_HELD.labels(topic).set(0)
            RELAY_REFUSED.labels(topic).set(0)
        for topic, ids in held.items():
            RELAY_HELD.labels(topic).set(len(ids))
            RELAY_REFUSED.labels(topic).set(min(ids))
        self._shown = set(held)

    async def _partitions(self, topic: str) -> int | None:
        """How many partitions the topic has; `None` when Kafka does not say."""
        name = self._settings.topic_prefix + topic
        try:
            async with asyncio.timeout(_METADATA_S):
                return len(await self._producer.partitions_for(name))
        except (KafkaError, TimeoutError):
            return None

    async def _renew(self) -> None:
        await _close(self._producer)
        self._producer = await self._connect()
        self._is_worn = False

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka_bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES_MAX,
            request_timeout_ms=15_000,
        )
        try:
            await producer.start()
        except BaseException:
            await _close(producer)
            raise
        return producer


async def _close(producer: AIOKafkaProducer, within_s: float = _STOP_S) -> None:
    """Stop it; where Kafka is away, without what is on its way: aiokafka would wait for ever."""
    stopping = asyncio.ensure_future(producer.stop())
    try:
        await asyncio.wait({stopping}, timeout=within_s)
    finally:
        if not stopping.done():
            producer._message_accumulator.fail_all(KafkaError("stopped"))
    await stopping


def _retrieve(future: asyncio.Future[Any]) -> None:
    """An error that comes after `pump` has ended is nobody's any more."""
    if not future.cancelled():
        future.exception()


def _now() -> float:
    return asyncio.get_running_loop().time()
