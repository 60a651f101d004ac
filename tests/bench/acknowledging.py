"""Times from a commit to Kafka's acknowledgement of its event, one event after another."""

import asyncio
import time
from dataclasses import replace
from random import Random
from typing import Any, Literal
from uuid import uuid4

from tests.bench.backlog import settings_of
from tests.bench.latency import p99_ms
from tests.bench.subject import running

from florin_chassis.actor import process_actor
from florin_chassis.database import Database
from florin_chassis.metrics import OUTBOX_POSITION
from florin_chassis.road.relay import Relay
from florin_chassis.runtime import Runtime
from florin_providers.service import service
from florin_providers.use_cases.create_provider import create_provider

PAUSE_S_MAX = 0.02
"""Between two samples, at random: no side keeps step with any clock of the other."""

_PATIENCE_S = 30
_WARM_UP = 50


async def commit_to_acknowledged(
    database_url: str, kafka_bootstrap: str, samples: int, relay: Literal["wal", "poll"] = "wal"
) -> float:
    """The p99 in milliseconds. Nobody but the database tells the relay of a commit."""
    settings = settings_of(database_url, kafka_bootstrap, relay=relay)
    stopping, acknowledged = asyncio.Event(), Acknowledged()
    async with running(service, settings) as runtime:
        elsewhere = replace(runtime, database=Database(settings), committed=asyncio.Event())
        relaying = asyncio.create_task(Relay(runtime).run(stopping))
        try:
            pauses = Random(samples)  # noqa: S311 - no secret
            seconds = [
                await _sample(elsewhere, acknowledged, pauses.uniform(0, PAUSE_S_MAX))
                for _ in range(_WARM_UP + samples)
            ]
        finally:
            stopping.set()
            await relaying
            await elsewhere.database.close()
    return p99_ms(seconds[_WARM_UP:])


async def _sample(writer: Runtime, acknowledged: "Acknowledged", pause_s: float) -> float:
    await asyncio.sleep(pause_s)
    begin = writer.begin_as(process_actor(service.name))
    acknowledged.forget()
    await create_provider("Provider", uuid4().hex, "EUR", "Europe/Vienna", begin)
    committed = time.perf_counter()
    return await acknowledged.past(await _last_id(writer)) - committed


async def _last_id(runtime: Runtime) -> int:
    async with runtime.database.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT last_value FROM outbox_ids")
        return int(found.scalar_one())


class Acknowledged:
    """When the relay's position reached which id, by the clock of whoever measures."""

    def __init__(self) -> None:
        self._moves: list[tuple[float, float]] = []
        self._moved = asyncio.Event()
        show = OUTBOX_POSITION.set

        def set_position(position: float) -> None:
            show(position)
            self._moves.append((position, time.perf_counter()))
            self._moved.set()

        metric: Any = OUTBOX_POSITION
        metric.set = set_position

    def forget(self) -> None:
        """Of all moves but the last."""
        del self._moves[:-1]

    async def past(self, outbox_id: int) -> float:
        """The moment at which all up to this id was acknowledged."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                for position, moment in self._moves:
                    if position >= outbox_id:
                        return moment
                self._moved.clear()
                await self._moved.wait()
