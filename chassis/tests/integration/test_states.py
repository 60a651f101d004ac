"""Beside the facts on Kafka stand the latest states: complete, in order, once erased gone."""

import asyncio
from uuid import UUID

import pytest
from chassis.tests.roads import DEADLINE_S, on_kafka, running
from chassis.tests.states import (
    DECLARED,
    kept,
    latest,
    read_states,
    relay_all,
    versions,
    with_topics,
)
from chassis.tests.weather.models import Station, measure, open_station
from sqlalchemy import text, update

from florin_chassis.road.relay import Relay
from florin_chassis.road.restating import restate
from florin_chassis.road.states import STATES, Unstated
from florin_chassis.runtime import Runtime
from florin_chassis.tables import outbox, relay_cursors
from florin_chassis.testing.harness import Harness
from florin_contracts.states import state_id
from florin_local.kafka import Kafka


@pytest.fixture
async def road(weather: Harness, kafka: Kafka) -> Runtime:
    return await with_topics(weather.runtime, kafka.bootstrap, DECLARED)


async def open_and_measure(weather: Harness, country: UUID, count: int) -> list[UUID]:
    stations = [await open_station(f"S{n}", country, weather.begin) for n in range(count)]
    for degrees in range(3):
        for station in stations:
            await measure(station.id, degrees, weather.begin)
    return [station.id for station in stations]


async def erase(weather: Harness, station_id: UUID) -> None:
    async with weather.begin() as transaction:
        await transaction.erase(await transaction.get(Station, station_id))


async def test_a_new_reader_of_the_states_alone_has_each_living_aggregate_as_it_is(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    first, *_ = await open_and_measure(weather, country, 5)
    await relay_all(road)
    assert versions(await latest(road)) == await kept(weather.runtime)
    await erase(weather, first)
    await relay_all(road)
    assert versions(await latest(road)) == await kept(weather.runtime)
    assert len(await latest(road)) == 4


async def test_a_state_carries_its_fact_s_envelope(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    await open_station("Pulkovo", country, weather.begin)
    await relay_all(road)
    (fact,) = await weather.stated()
    (stated,) = await read_states(road)
    assert stated.envelope.id == state_id(UUID(fact["envelope"]["id"]))
    assert stated.envelope.type == "florin.weather.station.state.v1"
    assert stated.state == fact["data"]


async def test_of_many_facts_read_together_only_the_last_state_is_sent(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    await open_and_measure(weather, country, 3)
    await relay_all(road)
    assert [stated.envelope.sequence for stated in await read_states(road)] == [4, 4, 4]


async def test_after_a_crash_states_may_come_again_and_never_an_older_one_last(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    first, second = await open_and_measure(weather, country, 2)
    await relay_all(road)
    await measure(first, 30, weather.begin)
    await erase(weather, second)
    await relay_all(road)
    async with road.database.engine.begin() as connection:
        rows = update(relay_cursors).where(relay_cursors.c.reader == "states")
        await connection.execute(rows.values(position=0))
    await relay_all(road)
    assert len(await read_states(road)) == 6, "each came again"
    assert versions(await latest(road)) == await kept(weather.runtime) == {first: (5, 30)}


async def test_states_that_are_stated_again_fill_a_topic_that_was_lost(
    weather: Harness, road: Runtime, kafka: Kafka, country: UUID
) -> None:
    first, *_ = await open_and_measure(weather, country, 4)
    await erase(weather, first)
    await relay_all(road)
    lost = await with_topics(weather.runtime, kafka.bootstrap, DECLARED)
    async for _ in restate(lost, Station):
        pass
    await relay_all(lost)
    assert versions(await latest(lost)) == await kept(weather.runtime)


async def test_a_fact_that_tells_no_state_stops_the_states_aloud_and_no_fact(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    async with road.database.engine.begin() as connection:
        broken = update(outbox).values(data="{}").returning(outbox.c.id)
        assert len((await connection.execute(broken)).all()) == 1
    with pytest.raises(Unstated, match="tells no state: 'id'"):
        await asyncio.wait_for(Relay(road, STATES).run(asyncio.Event()), DEADLINE_S)
    async with running(Relay(road).run):
        assert await on_kafka(road, 1) == [(station.id, 1)]
    async with road.database.engine.begin() as connection:
        await connection.execute(text("TRUNCATE stations, outbox, audit"))
