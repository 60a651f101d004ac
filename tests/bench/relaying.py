"""Lets the chassis' relay drain a backlog, as its own process does."""

import asyncio
import time

import asyncpg
from prometheus_client import REGISTRY
from tests.bench.backlog import plain_url, settings_of

from florin_chassis.processes import running
from florin_chassis.road.relay import Relay
from florin_providers.service import service

_POLL_S = 0.005


async def relay_backlog(database_url: str, kafka_bootstrap: str) -> tuple[float, float]:
    """Events a second, and CPU seconds per 1,000 events, from start to the last confirmation."""
    connection = await asyncpg.connect(plain_url(database_url))
    await connection.execute("DELETE FROM relay_cursors")
    events: int = await connection.fetchval("SELECT max(id) FROM outbox")
    await connection.close()
    stopping = asyncio.Event()
    async with running(service, settings_of(database_url, kafka_bootstrap)) as runtime:
        started, cpu = time.perf_counter(), time.process_time()
        relaying = asyncio.create_task(Relay(runtime).run(stopping))
        while _confirmed() < events:
            await asyncio.wait({relaying}, timeout=_POLL_S)
            if relaying.done():
                await relaying
                raise RuntimeError("the relay ended before its backlog did")
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        stopping.set()
        await relaying
    return events / seconds, 1_000 * cpu / events


def _confirmed() -> float:
    return REGISTRY.get_sample_value("florin_relay_position") or 0
