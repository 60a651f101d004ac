"""The road of an event on real PostgreSQL and Kafka: nothing lost, nothing doubled, in order."""

import asyncio
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from chassis.tests.roads import DEADLINE_S, TOPIC, on_kafka, running, until
from chassis.tests.weather.models import Reading, Station, measure, open_station
from chassis.tests.weather.service import CURSED, not_yet
from sqlalchemy import func, select

from florin_chassis.errors import ConsumerHalted
from florin_chassis.ids import new_id
from florin_chassis.road.consumer import Consumer
from florin_chassis.road.relay import Relay
from florin_chassis.runtime import Runtime
from florin_chassis.tables import parked_events, projected_states, relay_cursors
from florin_chassis.testing.harness import Harness
from florin_contracts.envelope import Envelope


async def readings(road: Runtime) -> list[tuple[UUID, int]]:
    async with road.database.engine.connect() as connection:
        rows = await connection.execute(
            select(Reading.station, Reading.degrees).order_by(Reading.id)
        )
        return [(row.station, row.degrees) for row in rows]


async def count(road: Runtime, table: object) -> int:
    async with road.database.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def consumer(road: Runtime, weather: Harness) -> Consumer:
    return Consumer(road, weather.service.subscriptions)


async def test_every_effect_happens_once_and_in_the_order_of_its_aggregate(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    stations = [await open_station(f"S{n}", country, weather.begin) for n in range(3)]

    async def measure_in_turn(station: Station) -> None:
        for degrees in range(14, 44):
            await measure(station.id, degrees, weather.begin)

    async with running(Relay(road).run, consumer(road, weather).run):
        await asyncio.gather(*(measure_in_turn(station) for station in stations))
        await until(lambda: _has(road, 90))
    noted = await readings(road)
    for station in stations:
        assert [d for s, d in noted if s == station.id] == list(range(14, 44))


async def _has(road: Runtime, expected: int) -> bool:
    return len(await readings(road)) >= expected


async def test_a_relay_killed_before_it_confirms_sends_again_and_nothing_doubles(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for degrees in (1, 2, 3):
        await measure(station.id, degrees, weather.begin)
    async with running(Relay(road).run, consumer(road, weather).run):
        await until(lambda: _has(road, 3))
    async with road.database.engine.begin() as connection:  # as if killed before its confirmation
        await connection.execute(relay_cursors.update().values(position=0))
    async with running(Relay(road).run):
        sent = await on_kafka(road, 8)
    await measure(station.id, 4, weather.begin)
    async with running(Relay(road).run, consumer(road, weather).run):
        await until(lambda: _has(road, 4))
    assert [sequence for _, sequence in sent] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert [degrees for _, degrees in await readings(road)] == [1, 2, 3, 4]


async def test_poison_is_parked_with_its_key_and_holds_up_no_other(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    bad = await open_station("bad", country, weather.begin)
    good = await open_station("good", country, weather.begin)
    await measure(bad.id, CURSED, weather.begin)
    await measure(bad.id, 5, weather.begin)
    await measure(good.id, 6, weather.begin)
    async with running(Relay(road).run, consumer(road, weather).run):
        await until(lambda: _has(road, 1))
        await until(lambda: _parked(road, 2))
    assert await readings(road) == [(good.id, 6)], "5 waits behind the poison of its key"


async def _parked(road: Runtime, expected: int) -> bool:
    return await count(road, parked_events) == expected


@pytest.mark.parametrize(
    ("headers", "value", "key"),
    [
        ([], b"{}", b"k"),
        ([("ce_specversion", b"\xff\xfe")], b"{}", b"k"),
        ([("ce_specversion", b"1.0"), ("ce_type", b"x")], None, b"k"),
        ([("ce_\x00", b"\x00"), ("x", b"1")], b"\x00", b"\x00"),
        (
            Envelope(
                id=new_id(),
                source="x",
                type="florin.weather.station.measured.v1",
                subject=UUID(int=1),
                time="2026-01-01T00:00:00Z",  # type: ignore[arg-type]
                sequence=1,
                dataschema="x",
                actor="user/x",
            ).to_headers(),
            b'{"id": 5}',
            str(UUID(int=1)).encode(),
        ),
    ],
)
async def test_a_malformed_message_is_parked_as_it_came(
    weather: Harness,
    road: Runtime,
    headers: list[tuple[str, bytes]],
    value: bytes | None,
    key: bytes | None,
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=road.settings.kafka_bootstrap)
    await producer.start()
    topic = road.settings.topic_prefix + TOPIC
    await producer.send_and_wait(topic, value, key=key, headers=headers)
    await producer.stop()
    async with running(consumer(road, weather).run):
        await until(lambda: _parked(road, 1))


async def test_too_many_poisoned_events_in_a_row_stop_the_consumer(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    stations = [await open_station(str(n), country, weather.begin) for n in range(5)]
    async with running(Relay(road).run, consumer(road, weather).run):
        await until(lambda: _projected(road, 5))
    for station in stations:
        await measure(station.id, CURSED, weather.begin)
    async with running(Relay(road).run):
        await on_kafka(road, 10)
    with pytest.raises(ConsumerHalted):
        await asyncio.wait_for(consumer(road, weather).run(asyncio.Event()), DEADLINE_S)
    assert await count(road, parked_events) == road.settings.parked_in_row_max


async def _projected(road: Runtime, expected: int) -> bool:
    return await count(road, projected_states) == expected


async def test_an_event_that_comes_too_early_waits_and_is_not_parked(
    weather: Harness, road: Runtime, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    not_yet.add(station.id)
    await measure(station.id, 5, weather.begin)
    async with running(Relay(road).run):
        await on_kafka(road, 2)
    async with running(consumer(road, weather).run):
        assert await readings(road) == []
    async with running(consumer(road, weather).run):
        not_yet.clear()
        await until(lambda: _has(road, 1))
    assert await count(road, parked_events) == 0
    assert await readings(road) == [(station.id, 5)]
