"""Lets the chassis' relay drain a backlog, as its own process does."""

import asyncio
import time
from typing import Literal

import asyncpg
from prometheus_client import REGISTRY
from tests.bench.backlog import plain_url, settings_of
from tests.bench.subject import running

from florin_chassis.road.relay import Relay
from florin_providers.service import service

_POLL_S = 0.005


async def relay_backlog(
    database_url: str,
    kafka_bootstrap: str,
    events: int | None = None,
    relay: Literal["wal", "poll"] = "wal",
) -> tuple[float, float]:
    """Events a second, and CPU seconds per 1,000 events, from start to the last acknowledgement.

    Drains the last `events` rows of the outbox; all that there are by default.
    """
    last, events = await _set_back(database_url, events)
    stopping = asyncio.Event()
    settings = settings_of(database_url, kafka_bootstrap, relay=relay)
    async with running(service, settings) as runtime:
        started, cpu = time.perf_counter(), time.process_time()
        relaying = asyncio.create_task(Relay(runtime).run(stopping))
        while _position() < last:
            await asyncio.wait({relaying}, timeout=_POLL_S)
            if relaying.done():
                await relaying
                raise RuntimeError("the relay ended before its backlog did")
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        stopping.set()
        await relaying
    return events / seconds, 1_000 * cpu / events


async def _set_back(database_url: str, events: int | None) -> tuple[int, int]:
    """Have the relay begin so many events before the end; returns the last id, and how many."""
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        last: int = await connection.fetchval("SELECT max(id) FROM outbox")
        await connection.execute("DELETE FROM relay_cursors")
        await connection.execute(
            "INSERT INTO relay_cursors (reader, position) VALUES ('facts', $1)",
            last - (events or last),
        )
    finally:
        await connection.close()
    return last, events or last


def _position() -> float:
    return REGISTRY.get_sample_value("florin_relay_position") or 0
