"""Lets the chassis' consumer work off a topic, as its own process does."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from prometheus_client import REGISTRY
from tests.bench.backlog import event, plain_url, settings_of
from tests.bench.subject import running
from tests.bench.throwaway import throwaway_topic

from florin_chassis.road.consumer import Consumer
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.transaction import Transaction
from florin_clients.service import service
from florin_contracts.envelope import Envelope
from florin_contracts.providers import ProviderCreated, ProviderState

Effect = Literal["projection", "handler"]
"""What each event causes: its aggregate's state is kept, or a handler writes a row."""

PARTITIONS: Final = 12

_POLL_S: Final = 0.005
_TABLES: Final = ("inbox", "consumer_positions", "projected_states", "effects")
_EFFECTS: Final = "CREATE TABLE IF NOT EXISTS effects (id uuid PRIMARY KEY, name text NOT NULL)"
_EFFECT: Final = "INSERT INTO effects VALUES ($1, $2)"
_COUNTER: Final = "florin_consumer_events_total"


async def consume(
    database_url: str, kafka_bootstrap: str, events: int, times: int, effect: Effect
) -> float:
    """Messages a second, from the first handled to the last; each event is there `times` times."""
    prefix = f"{uuid4().hex}-"
    settings = settings_of(database_url, kafka_bootstrap, topic_prefix=prefix)
    stopping = asyncio.Event()
    await empty(database_url)
    async with (
        loaded(kafka_bootstrap, prefix, events, times),
        running(service, settings) as runtime,
    ):
        messages = events * times
        consuming = asyncio.create_task(Consumer(runtime, _subscriptions(effect)).run(stopping))
        while not (first := _consumed()):
            await _wait(consuming)
        started = time.perf_counter()
        while _consumed() < messages:
            await _wait(consuming)
        rate = (messages - first) / (time.perf_counter() - started)
        stopping.set()
        await consuming
    await require_effects(
        database_url, "effects" if effect == "handler" else "projected_states", events
    )
    return rate


def _subscriptions(effect: Effect) -> Subscriptions:
    subscriptions = Subscriptions()
    if effect == "projection":
        subscriptions.project(ProviderState)
        return subscriptions

    @subscriptions.on(ProviderCreated)
    async def keep(created: ProviderCreated, transaction: Transaction) -> None:
        connection = await transaction.session.connection()
        await connection.exec_driver_sql(_EFFECT, (created.id, created.name))

    return subscriptions


async def _wait(consuming: asyncio.Task[None]) -> None:
    await asyncio.wait({consuming}, timeout=_POLL_S)
    if consuming.done():
        await consuming
        raise RuntimeError("the consumer ended before its topic did")


def _consumed() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == _COUNTER.removesuffix("_total")
        for sample in metric.samples
        if sample.name == _COUNTER
    )


async def empty(database_url: str) -> None:
    """Nothing has been received yet."""
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        await connection.execute(_EFFECTS)
        await connection.execute(f"TRUNCATE {', '.join(_TABLES)}")
    finally:
        await connection.close()


async def require_effects(database_url: str, table: str, count: int) -> None:
    """Raise unless every event had its effect, once."""
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        found = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
    finally:
        await connection.close()
    if found != count:
        raise RuntimeError(f"{found} effects of {count} events")


@asynccontextmanager
async def loaded(kafka_bootstrap: str, prefix: str, events: int, times: int) -> AsyncIterator[str]:
    """A topic that holds events, each so many times in a row."""
    topic = prefix + ProviderCreated.topic
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True
    )
    async with throwaway_topic(kafka_bootstrap, topic, PARTITIONS):
        async with producer:
            for provider, envelope in stated(events):
                value, headers = provider.model_dump_json().encode(), envelope.to_headers()
                for _ in range(times):
                    await producer.send(
                        topic, value, key=str(provider.id).encode(), headers=headers
                    )
            await producer.flush()
        yield topic


def stated(events: int) -> Sequence[tuple[ProviderCreated, Envelope]]:
    """So many events, each of its own aggregate."""
    return [event(number) for number in range(events)]
