"""The whole road on real PostgreSQL and Kafka: nothing lost, nothing doubled, in order."""

import asyncio
from uuid import UUID

from chassis.tests.almanac import consuming, count, has_readings, readings
from chassis.tests.roads import on_kafka, running, until
from chassis.tests.weather.models import Station, measure, open_station
from chassis.tests.weather.service import not_yet

from florin_chassis.road.relay import Relay
from florin_chassis.runtime import Runtime
from florin_chassis.tables import parked_events, relay_cursors
from florin_chassis.testing.harness import Harness


async def test_every_effect_happens_once_and_in_the_order_of_its_aggregate(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    stations = [await open_station(f"S{n}", country, weather.begin) for n in range(3)]

    async def measure_in_turn(station: Station) -> None:
        for degrees in range(14, 44):
            await measure(station.id, degrees, weather.begin)

    async with running(Relay(road).run, consuming(road, weather)):
        await asyncio.gather(*(measure_in_turn(station) for station in stations))
        await until(lambda: has_readings(road, 90))
    noted = await readings(road)
    for station in stations:
        assert [d for s, d in noted if s == station.id] == list(range(14, 44))


async def test_a_relay_killed_before_it_confirms_sends_again_and_nothing_doubles(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for degrees in (1, 2, 3):
        await measure(station.id, degrees, weather.begin)
    async with running(Relay(road).run, consuming(road, weather)):
        await until(lambda: has_readings(road, 3))
    async with road.database.engine.begin() as connection:  # as if killed before its confirmation
        await connection.execute(relay_cursors.update().values(position=0))
    async with running(Relay(road).run):
        sent = await on_kafka(road, 8)
    await measure(station.id, 4, weather.begin)
    async with running(Relay(road).run, consuming(road, weather)):
        await until(lambda: has_readings(road, 4))
    assert [sequence for _, sequence in sent] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert [degrees for _, degrees in await readings(road)] == [1, 2, 3, 4]


async def test_an_event_that_comes_too_early_waits_and_is_not_parked(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    not_yet.add(station.id)
    await measure(station.id, 5, weather.begin)
    async with running(Relay(road).run):
        await on_kafka(road, 2)
    async with running(consuming(road, weather)):
        assert await readings(road) == []
    async with running(consuming(road, weather)):
        not_yet.clear()
        await until(lambda: has_readings(road, 1))
    assert await count(road, parked_events) == 0
    assert await readings(road) == [(station.id, 5)]
