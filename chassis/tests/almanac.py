"""What tests of the consumer ask of the almanac: what it noted, parked and counted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from chassis.tests.weather.models import Reading
from prometheus_client import REGISTRY
from sqlalchemy import Table, func, select

from florin_chassis.road.consumer import Consumer
from florin_chassis.runtime import Runtime
from florin_chassis.tables import parked_events
from florin_chassis.testing.harness import Harness


def consuming(road: Runtime, weather: Harness) -> Callable[[asyncio.Event], Awaitable[None]]:
    """The almanac's consumer, to be run."""
    return Consumer(road, weather.service.subscriptions).run


async def readings(road: Runtime) -> list[tuple[UUID, int]]:
    """What the almanac noted, in order."""
    async with road.database.engine.connect() as connection:
        rows = await connection.execute(
            select(Reading.station, Reading.degrees).order_by(Reading.id)
        )
        return [(row.station, row.degrees) for row in rows]


async def has_readings(road: Runtime, expected: int) -> bool:
    return await count(road, Reading.__table__) >= expected  # type: ignore[arg-type]


async def parked(road: Runtime) -> list[Any]:
    """The parked events, in order."""
    async with road.database.engine.connect() as connection:
        return list(await connection.execute(select(parked_events).order_by(parked_events.c.id)))


async def has_parked(road: Runtime, expected: int) -> bool:
    return await count(road, parked_events) == expected


async def count(road: Runtime, table: Table) -> int:
    async with road.database.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


def metric(name: str, **labels: str) -> float:
    """What a process counts now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
