"""What tests of the road share: parts that run for a while, and what they left on Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from florin_chassis.runtime import Runtime
from florin_contracts.envelope import Envelope

TOPIC = "weather-station"
DEADLINE_S = 60.0


@asynccontextmanager
async def running(*parts: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Relays and consumers, stopped gracefully at the end."""
    stopping = asyncio.Event()
    tasks = [asyncio.ensure_future(part(stopping)) for part in parts]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*tasks), DEADLINE_S)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await condition():  # noqa: ASYNC110 - the condition lies in a server
            await asyncio.sleep(0.01)


async def on_kafka(road: Runtime, expected: int) -> list[tuple[UUID, int]]:
    """Subject and sequence of the first so many records of each key, in the order of the log."""
    reader = AIOKafkaConsumer(
        road.settings.topic_prefix + TOPIC,
        bootstrap_servers=road.settings.kafka_bootstrap,
        auto_offset_reset="earliest",
        group_id=None,
    )
    await reader.start()
    found: list[tuple[UUID, int]] = []
    try:
        async with asyncio.timeout(DEADLINE_S):
            while len(found) < expected:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    envelopes = [Envelope.from_headers(record.headers) for record in records]
                    found += [(e.subject, e.sequence) for e in envelopes]
    finally:
        await reader.stop()
    return found
