"""Times from a commit to its event in a Kafka consumer, with and without open transactions."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer
from tests.bench.backlog import NO_KAFKA, plain_url, settings_of
from tests.bench.latency import p99_ms
from tests.bench.subject import running

from florin_chassis.actor import process_actor
from florin_contracts.providers import ProviderCreated
from florin_providers.service import service
from florin_providers.use_cases.create_provider import create_provider

_PATIENCE_S = 30
_PAUSE_S = 0.01
_WARM_UP_S = 2.0
_HELD = (
    "INSERT INTO outbox (topic, subject, sequence, envelope, data)"
    " VALUES ('held', gen_random_uuid(), 1, '{}', '{}')"
)
_NEIGHBOUR = "CREATE TABLE IF NOT EXISTS held (id uuid)"


async def commit_to_consumer(
    database_url: str, kafka_bootstrap: str, seconds: float, held: tuple[str, ...]
) -> float:
    """The p99 in milliseconds, over so many seconds; the relay runs in a process of its own.

    In each of the databases that are `held`, a transaction is open for as long that has written:
    into the outbox where there is one.
    """
    settings = settings_of(database_url, NO_KAFKA)
    async with (
        running(service, settings) as runtime,
        _reading(kafka_bootstrap) as consumer,
        AsyncExitStack() as open_transactions,
    ):
        begin = runtime.begin_as(process_actor(service.name))

        async def sample() -> float:
            provider = await create_provider("Provider", uuid4().hex, "EUR", "Europe/Vienna", begin)
            committed = time.perf_counter()
            key = str(provider.id).encode()
            async with asyncio.timeout(_PATIENCE_S):
                while (await consumer.getone()).key != key:
                    pass
            return time.perf_counter() - committed

        await _repeated(sample, _WARM_UP_S)
        for url in held:
            await open_transactions.enter_async_context(_written(url))
        return p99_ms(await _repeated(sample, seconds))


async def _repeated(sample: Callable[[], Awaitable[float]], seconds: float) -> list[float]:
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        samples.append(await sample())
        await asyncio.sleep(_PAUSE_S)
    return samples


@asynccontextmanager
async def _reading(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of all that comes from now on."""
    consumer = AIOKafkaConsumer(
        ProviderCreated.topic, bootstrap_servers=kafka_bootstrap, enable_auto_commit=False
    )
    async with consumer:
        partitions = consumer.assignment()
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        yield consumer


@asynccontextmanager
async def _written(database_url: str) -> AsyncIterator[None]:
    """A transaction that has written, open as long as the block; it comes to nothing."""
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        has_outbox = await connection.fetchval("SELECT to_regclass('outbox') IS NOT NULL")
        if not has_outbox:
            await connection.execute(_NEIGHBOUR)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(_HELD if has_outbox else "INSERT INTO held VALUES (NULL)")
        yield
        await transaction.rollback()
    finally:
        await connection.close()
