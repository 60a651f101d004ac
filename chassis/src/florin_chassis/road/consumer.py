"""Reads the topics a service listens to, batch by batch; commits an offset only after the effects.

FastStream declares and runs the subscribers. Its defaults (at most once, from the latest, commit
first) are all overridden here: manual acknowledgement, from the earliest, after the transaction.
"""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from florin_chassis.actor import process_actor
from florin_chassis.database import is_transient
from florin_chassis.errors import ConcurrentChange, ConsumerHalted, NotYet
from florin_chassis.metrics import CONSUMED, CONSUMER_LAG
from florin_chassis.road.inbox import Inbox, Message, park
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import happened

_BACKOFF_S_FIRST, _BACKOFF_S_MAX = 0.02, 5.0
_GRACE_S = 15.0
_POLL_MS = 1_000
_log = structlog.get_logger(__name__)
Record: TypeAlias = ConsumerRecord[bytes, bytes]


class Stopping(Exception):
    """The process stops while an event waits; it will be handled after the next start."""


class Consumer:
    """One subscriber per topic, so that a topic that waits for another does not hold it up."""

    def __init__(self, runtime: Runtime, subscriptions: Subscriptions) -> None:
        self._runtime, self._subscriptions = runtime, subscriptions
        self._inbox = Inbox(runtime, subscriptions)
        self._parked_in_row = 0
        self._stopping = asyncio.Event()
        self._fault: Exception | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`; what is being handled then is finished and committed.

        Raises `ConsumerHalted`, and `KafkaError` when Kafka does not answer at the start.
        """
        self._stopping, self._fault = asyncio.Event(), None
        broker = self._broker()
        await broker.start()
        told = asyncio.create_task(_pass_on(stopping, self._stopping))
        try:
            await self._stopping.wait()
        finally:
            told.cancel()
            await broker.stop()
        if self._fault:
            raise self._fault

    def _broker(self) -> KafkaBroker:
        settings = self._runtime.settings
        broker = KafkaBroker(
            settings.kafka_bootstrap,
            client_id=self._runtime.service,
            logger=None,
            graceful_timeout=_GRACE_S,
        )
        for topic in sorted(self._subscriptions.topics):
            subscriber = broker.subscriber(
                settings.topic_prefix + topic,
                group_id=f"{settings.topic_prefix}{self._runtime.service}.{topic}",
                batch=True,
                ack_policy=AckPolicy.MANUAL,
                auto_offset_reset="earliest",
                max_records=settings.consumer_batch_max,
                isolation_level="read_committed",
                parser=_raw,
                decoder=_undecoded,
            )
            subscriber(self._receiver())
            _without_naps(subscriber, settings.consumer_batch_max)
        return broker

    def _receiver(self) -> Callable[..., Awaitable[None]]:
        async def receive(_: Any, message: KafkaMessage) -> None:
            try:
                await self._handle(list(message.raw_message))
            except Stopping:
                await message.nack()
            except Exception as error:  # noqa: BLE001 - it halts the consumer, whatever it was
                await message.nack()
                self._fault = self._fault or error
                self._stopping.set()
            else:
                await _acknowledge(message)

        return receive

    async def _handle(self, records: Sequence[Record]) -> None:
        """The whole batch at once; event by event when one of them cannot be handled."""
        try:
            messages = [Message.read(record, self._subscriptions) for record in records]
            await self._persistently(lambda: self._inbox.apply(messages))
        except Stopping:
            raise
        except Exception:  # noqa: BLE001 - which of them it was is found one by one
            _log.warning("batch goes event by event", topic=records[0].topic, size=len(records))
            for record in records:
                await self._handle_one(record)
        else:
            self._parked_in_row = 0
            self._measure(messages)

    async def _handle_one(self, record: Record) -> None:
        try:
            message = Message.read(record, self._subscriptions)
            await self._persistently(lambda: self._inbox.apply([message]))
        except Stopping:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is kept with the event
            await self._park(record, error)
        else:
            self._parked_in_row = 0
            self._measure([message])

    async def _park(self, record: Record, error: Exception) -> None:
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        self._parked_in_row += 1
        if self._parked_in_row > self._runtime.settings.parked_in_row_max:
            raise ConsumerHalted(f"{self._parked_in_row} events in a row failed") from error
        _log.error("event parked", **where, error=repr(error))
        await self._persistently(lambda: self._write_parked(record, repr(error)))
        CONSUMED.labels(record.topic, "parked").inc()

    async def _write_parked(self, record: Record, error: str) -> None:
        database = self._runtime.database
        async with database.session(process_actor(self._runtime.service)) as session:
            await park(session, record, error)
            await session.commit()

    async def _persistently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Try until it succeeds or fails for good; wait out passing faults with capped backoff."""
        delay = _BACKOFF_S_FIRST
        while True:
            try:
                return await work()
            except (NotYet, ConcurrentChange) as error:
                _log.debug("event waits", reason=str(error))
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("database fault, trying again", error=repr(error), delay_s=delay)
            if await happened(self._stopping, delay):
                raise Stopping
            delay = min(delay * 2, _BACKOFF_S_MAX)

    def _measure(self, messages: Sequence[Message]) -> None:
        topic = messages[-1].record.topic
        CONSUMED.labels(topic, "handled").inc(len(messages))
        CONSUMER_LAG.labels(topic).set(time.time() - messages[-1].envelope.time.timestamp())


async def _acknowledge(message: KafkaMessage) -> None:
    """Commit the offsets. If the group has moved on, another member repeats the batch; no harm."""
    try:
        await message.ack()
    except KafkaError as error:
        _log.warning("offsets not committed", error=repr(error))


async def _pass_on(stopping: asyncio.Event, to: asyncio.Event) -> None:
    await stopping.wait()
    to.set()


def _without_naps(subscriber: Any, records_max: int) -> None:
    """After an empty poll FastStream sleeps as long as it polled; the poll alone is wait enough."""

    async def get_msg(consumer: AIOKafkaConsumer) -> tuple[Record, ...]:
        polled = await consumer.getmany(timeout_ms=_POLL_MS, max_records=records_max)
        return tuple(chain.from_iterable(polled.values()))

    subscriber.get_msg = get_msg


async def _raw(records: tuple[Record, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    """FastStream's parser loses a batch that has a header of no UTF-8: show it none of them."""
    harmless = dataclasses.replace(records[0], headers=())
    message = await original((harmless,))
    message.raw_message = records
    return message


async def _undecoded(message: Any, _: Callable[[Any], Awaitable[Any]]) -> Any:
    """The bytes as they are: `Message.read` decodes them, where a fault can be parked."""
    return message.body
