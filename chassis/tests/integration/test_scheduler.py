"""Periodic jobs: one replica at a time, and housekeeping that removes only what has served."""

import asyncio
from uuid import UUID

from chassis.tests.weather.models import open_station
from sqlalchemy import select, text

from florin_chassis.road.housekeeping import tidy
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job, Scheduler
from florin_chassis.tables import outbox, relay_cursors
from florin_chassis.testing.harness import Harness


async def test_housekeeping_keeps_what_is_young_or_not_yet_on_kafka(
    weather: Harness, country: UUID
) -> None:
    stations = [await open_station(name, country, weather.begin) for name in "ABC"]
    async with weather.runtime.database.engine.begin() as connection:
        await connection.execute(relay_cursors.insert().values(reader="facts", position=2))
        await connection.execute(
            text("UPDATE outbox SET stated_at = now() - interval '99 days' WHERE id > 1")
        )
    await tidy(weather.runtime)
    async with weather.runtime.database.engine.connect() as connection:
        left = await connection.scalars(select(outbox.c.id).order_by(outbox.c.id))
        assert list(left) == [1, 3], "1 is young, 3 is not published; 2 is old and published"
    async with weather.runtime.database.engine.begin() as connection:  # the guard would miss it
        gone = {"id": stations[1].id}
        await connection.execute(text("DELETE FROM stations WHERE id = :id"), gone)

        await connection.execute(text("DELETE FROM audit WHERE subject = :id"), gone)


async def test_a_job_runs_in_one_replica_at_a_time(weather: Harness) -> None:
    running, overlapped, stopping = 0, False, asyncio.Event()
    done = asyncio.Event()

    async def run(_: Runtime) -> None:
        nonlocal running, overlapped
        running += 1
        overlapped = overlapped or running > 1
        await asyncio.sleep(0)
        running -= 1
        done.set()

    job = Job("test", 0.001, run)
    replicas = [
        asyncio.ensure_future(Scheduler(weather.runtime, [job]).run(stopping)) for _ in "12"
    ]
    await asyncio.wait_for(done.wait(), 10)
    stopping.set()
    await asyncio.gather(*replicas)
    assert not overlapped
