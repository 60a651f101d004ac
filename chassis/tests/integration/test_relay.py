"""The relay on real PostgreSQL and Kafka: nothing lost, in order, nobody held up."""

import asyncio
from uuid import UUID

import pytest
from chassis.tests.roads import on_kafka, running, until
from chassis.tests.weather.models import Station, open_station
from sqlalchemy import select

from florin_chassis.road.relay import Relay
from florin_chassis.runtime import Runtime
from florin_chassis.tables import relay_cursors
from florin_chassis.testing.harness import Harness


async def test_a_transaction_that_commits_late_is_neither_lost_nor_waited_for(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    async with running(Relay(road).run):
        async with weather.begin() as late:
            station = Station(name="late", country=country, degrees=0)
            late.add(station)
            late.emit(station.open())
            await late.complete()  # its outbox id is taken, its commit is still to come
            early = await open_station("early", country, weather.begin)
            assert await on_kafka(road, 1) == [(early.id, 1)]
            late.facts.clear()
        assert {subject for subject, _ in await on_kafka(road, 2)} == {early.id, station.id}


async def test_a_rolled_back_transaction_leaves_a_gap_that_holds_nobody_up(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    async with running(Relay(road).run):
        with pytest.raises(RuntimeError):
            await _fail_after_the_outbox(weather, country)
        await open_station("Pulkovo", country, weather.begin)

        async def confirmed() -> bool:
            async with road.database.engine.connect() as connection:
                return await connection.scalar(select(relay_cursors.c.position)) == 2

        await until(confirmed)
    assert len(await on_kafka(road, 1)) == 1


async def _fail_after_the_outbox(weather: Harness, country: UUID) -> None:
    async with weather.begin() as transaction:
        station = Station(name="ghost", country=country, degrees=0)
        transaction.add(station)
        transaction.emit(station.open())
        await transaction.complete()
        raise RuntimeError("killed between the outbox and the commit")


async def test_only_one_of_two_relays_leads_and_the_other_takes_over(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    first, second = Relay(road), Relay(road)
    stop_first, stop_second = asyncio.Event(), asyncio.Event()
    leading = asyncio.ensure_future(first.run(stop_first))
    await until(lambda: _is_leading(first))
    standing_by = asyncio.ensure_future(second.run(stop_second))
    await open_station("A", country, weather.begin)
    assert len(await on_kafka(road, 1)) == 1
    assert not second.leading
    stop_first.set()
    await leading
    await until(lambda: _is_leading(second))
    await open_station("B", country, weather.begin)
    assert len(await on_kafka(road, 2)) == 2
    stop_second.set()
    await standing_by


async def _is_leading(relay: Relay) -> bool:
    return relay.leading


async def test_what_was_committed_before_the_stop_is_sent_before_the_relay_ends(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    relay, stopping = Relay(road), asyncio.Event()
    running_relay = asyncio.ensure_future(relay.run(stopping))
    await until(lambda: _is_leading(relay))
    await open_station("last", country, weather.begin)
    stopping.set()
    await running_relay
    assert len(await on_kafka(road, 1)) == 1
