"""Consuming on real PostgreSQL and Kafka: once per event, in order per key, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.tests.almanac import consuming, count, has_readings, metric, readings
from chassis.tests.owners import Owner, owner_of
from chassis.tests.roads import DEADLINE_S, running, until
from chassis.tests.weather.models import Reading, TemperatureMeasured
from chassis.tests.weather.service import not_yet
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from florin_chassis.database import is_transient
from florin_chassis.ids import new_id
from florin_chassis.road.consumer import Consumer, group_of
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.supervision import supervised
from florin_chassis.tables import consumer_positions, inbox
from florin_chassis.testing.harness import Harness
from florin_chassis.transaction import Transaction
from florin_local.kafka import Kafka


@pytest.fixture
async def owner(road: Runtime) -> AsyncIterator[Owner]:
    async with owner_of(road) as owner:
        yield owner


async def load(owner: Owner, stations: list[UUID], each: int) -> None:
    """So many measurements of each station, in turn, each station in a partition of its own."""
    for degrees in range(14, 14 + each):
        for index, station in enumerate(stations):
            await owner.measure(station, degrees, partition=index % 3)
    await owner.delivered()


async def assert_once_and_in_order(road: Runtime, stations: list[UUID], each: int) -> None:
    noted = await readings(road)
    for station in stations:
        assert [d for s, d in noted if s == station] == list(range(14, 14 + each))


async def test_every_effect_happens_once_and_in_the_order_of_its_key(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    stations = [new_id() for _ in range(6)]
    async with running(consuming(road, weather)):
        await load(owner, stations, 40)
        await until(lambda: has_readings(road, 240))
    await assert_once_and_in_order(road, stations, 40)


async def test_every_message_delivered_three_times_has_one_effect(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    for degrees in range(14, 54):
        envelope = await owner.measure(station, degrees)
        await owner.send_again(envelope, degrees, times=2)
    await owner.measure(station, 54)
    before = metric("florin_consumer_events_total", topic=owner.topic, outcome="duplicate")
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 41))
    await assert_once_and_in_order(road, [station], 41)
    after = metric("florin_consumer_events_total", topic=owner.topic, outcome="duplicate")
    assert after - before == 80


async def test_killed_between_its_commit_and_kafkas_it_does_nothing_twice(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    """Nor does it look at the inbox for that: the position moved with the effects."""
    station = new_id()
    await load(owner, [station], 20)
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 20))
    await _commit_to_kafka(road, owner, offset=3)
    async with road.database.engine.begin() as connection:
        await connection.execute(inbox.delete())
    async with running(consuming(road, weather)):
        await owner.measure(station, 34)
        await until(lambda: has_readings(road, 21))
    await assert_once_and_in_order(road, [station], 21)


async def _commit_to_kafka(road: Runtime, owner: Owner, offset: int) -> None:
    group = group_of(road.service, road.settings)
    kafka = AIOKafkaConsumer(bootstrap_servers=road.settings.kafka_bootstrap, group_id=group)
    partition = TopicPartition(owner.topic, 0)
    kafka.assign([partition])
    await kafka.start()
    await kafka.commit({partition: offset})
    await kafka.stop()


async def test_killed_within_a_transaction_it_leaves_nothing_and_does_all_the_next_time(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station, reached = new_id(), asyncio.Event()
    subscriptions = Subscriptions()

    @subscriptions.on(TemperatureMeasured)
    async def note_and_hang(event: TemperatureMeasured, transaction: Transaction) -> None:
        transaction.session.add(Reading(station=event.id, degrees=event.degrees))
        await transaction.session.flush()
        if event.degrees == 18:
            reached.set()
            await asyncio.Event().wait()

    await load(owner, [station], 10)
    task = asyncio.ensure_future(Consumer(road, subscriptions).run(asyncio.Event()))
    await asyncio.wait_for(reached.wait(), DEADLINE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await readings(road) == []
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 10))
    await assert_once_and_in_order(road, [station], 10)


async def test_two_that_both_believe_to_own_a_partition_do_nothing_twice_and_keep_the_order(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    """A zombie in the extreme: Kafka gives all partitions to both, in groups of their own."""
    zombie = replace(road, service="zombie")
    stations = [new_id() for _ in range(3)]
    before = metric("florin_consumer_fenced_total", topic=owner.topic)
    async with running(consuming(road, weather), consuming(zombie, weather)):
        await until(lambda: _all_positions_are_read(road))
        await load(owner, stations, 100)
        await until(lambda: has_readings(road, 300))
    await assert_once_and_in_order(road, stations, 100)
    assert metric("florin_consumer_fenced_total", topic=owner.topic) > before


async def _all_positions_are_read(road: Runtime) -> bool:
    return await count(road, consumer_positions) == 6


async def test_a_zombie_that_wakes_up_in_a_transaction_writes_nothing(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station, reached, go_on = new_id(), asyncio.Event(), asyncio.Event()
    slow = Subscriptions()

    @slow.on(TemperatureMeasured)
    async def note_late(event: TemperatureMeasured, transaction: Transaction) -> None:
        reached.set()
        await go_on.wait()
        transaction.session.add(Reading(station=event.id, degrees=-1))

    zombie = replace(road, service="zombie")
    await load(owner, [station], 5)
    async with running(Consumer(zombie, slow).run):
        await asyncio.wait_for(reached.wait(), DEADLINE_S)
        await _end_sessions_that_hold(road, "consumer_positions")  # what IDLE_S_MAX does in time
        async with running(consuming(road, weather)):
            await until(lambda: has_readings(road, 5))
        go_on.set()
        await owner.measure(station, 19)
        await until(lambda: has_readings(road, 6))
    noted = [degrees for _, degrees in await readings(road)]
    assert noted[:5] == [14, 15, 16, 17, 18]
    assert noted.count(-1) == 1, "the zombie handles what came after, as any member may"


async def _end_sessions_that_hold(road: Runtime, table: str) -> None:
    async with road.database.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = CAST(:table AS"
                " regclass) AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
            ),
            {"table": table},
        )


async def test_a_second_member_comes_and_goes_while_loaded(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    stations = [new_id() for _ in range(6)]
    async with running(consuming(road, weather)):
        loading = asyncio.ensure_future(load(owner, stations, 120))
        await until(lambda: has_readings(road, 50))
        async with running(consuming(road, weather)):
            await until(lambda: has_readings(road, 300))
        await loading
        await until(lambda: has_readings(road, 720))
    await assert_once_and_in_order(road, stations, 120)


async def test_an_event_that_waits_holds_up_no_other_partition(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    early, other = new_id(), new_id()
    not_yet.add(early)
    await owner.measure(early, 14, partition=0)
    async with running(consuming(road, weather)):
        await until(lambda: _waits(owner.topic))
        for degrees in range(14, 34):
            await owner.measure(other, degrees, partition=1)
        await until(lambda: has_readings(road, 20))
        assert early not in {station for station, _ in await readings(road)}
        not_yet.clear()
        await until(lambda: has_readings(road, 21))


async def _waits(topic: str) -> bool:
    return metric("florin_consumer_retries_total", topic=topic, reason="not_yet") > 0


async def test_what_stands_before_an_event_that_waits_is_handled_first(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    """Else two partitions that wait for each other's earlier events would wait for ever."""
    first, early = new_id(), new_id()
    not_yet.add(early)
    await owner.measure(first, 14)
    await owner.measure(early, 15)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 1))
    assert await readings(road) == [(first, 14)]


async def test_a_slow_handler_holds_up_no_other_partition(road: Runtime, owner: Owner) -> None:
    slow, quick, go_on = new_id(), new_id(), asyncio.Event()
    subscriptions = Subscriptions()

    @subscriptions.on(TemperatureMeasured)
    async def note(event: TemperatureMeasured, transaction: Transaction) -> None:
        if event.id == slow:
            await go_on.wait()
        transaction.session.add(Reading(station=event.id, degrees=event.degrees))

    await owner.measure(slow, 14, partition=0)
    async with running(Consumer(road, subscriptions).run):
        for degrees in range(14, 34):
            await owner.measure(quick, degrees, partition=1)
        await until(lambda: has_readings(road, 20))
        go_on.set()
        await until(lambda: has_readings(road, 21))


async def test_reading_ahead_of_a_partition_that_waits_is_bounded(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    small = road.settings.model_copy(update={"consumer_buffer_max": 10, "consumer_batch_max": 5})
    bounded = replace(road, settings=small)
    early, other = new_id(), new_id()
    not_yet.add(early)
    for degrees in range(14, 214):
        await owner.measure(early, degrees, partition=0)
        await owner.measure(other, degrees, partition=1)
    async with running(consuming(bounded, weather)):
        await until(lambda: has_readings(road, 200))
        not_yet.clear()
        await until(lambda: has_readings(road, 400))
    await assert_once_and_in_order(road, [early, other], 200)


async def test_the_broker_goes_and_comes_back(
    weather: Harness, road: Runtime, owner: Owner, kafka: Kafka
) -> None:
    station = new_id()
    await load(owner, [station], 10)
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 10))
        await asyncio.to_thread(kafka.kill)
        await asyncio.to_thread(kafka.start)
        for degrees in range(24, 34):
            await owner.measure(station, degrees)
        await until(lambda: has_readings(road, 20))
    await assert_once_and_in_order(road, [station], 20)


async def test_a_client_whose_fetcher_died_without_a_word_is_given_up_for_another(
    weather: Harness, road: Runtime, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("florin_chassis.road.consumer._REPORT_S", 0.05)
    station, failed = new_id(), asyncio.Event()

    async def consumed(stopping: asyncio.Event) -> None:
        run = Consumer(road, weather.service.subscriptions).run
        await supervised("consumer", run, stopping, failed)

    await load(owner, [station], 10)
    async with running(consumed):
        await until(lambda: has_readings(road, 10))
        _end_fetchers()
        for degrees in range(24, 34):
            await owner.measure(station, degrees)
        await until(lambda: has_readings(road, 20))
    await assert_once_and_in_order(road, [station], 20)


def _end_fetchers() -> None:
    """As an error that aiokafka does not expect does it: the task of the client's is just gone."""
    fetchers = [
        task
        for task in asyncio.all_tasks()
        if "_fetch_requests_routine" in getattr(task.get_coro(), "__qualname__", "")
    ]
    assert fetchers
    for task in fetchers:
        task.cancel()


async def test_the_database_ends_every_session_and_nothing_is_lost_or_doubled(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    async with running(consuming(road, weather)):
        loading = asyncio.ensure_future(load(owner, [station], 100))
        await until(lambda: has_readings(road, 5))
        async with road.database.engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await loading
        await until(lambda: _has_readings_again(road, 100))
    await assert_once_and_in_order(road, [station], 100)


async def _has_readings_again(road: Runtime, expected: int) -> bool:
    """We ask through the same pool, whose connections were ended too."""
    try:
        return await has_readings(road, expected)
    except DBAPIError as error:
        if not is_transient(error):
            raise
        return False


async def test_a_stop_finishes_the_transaction_in_hand(road: Runtime, owner: Owner) -> None:
    station, reached, go_on = new_id(), asyncio.Event(), asyncio.Event()
    subscriptions, stopping = Subscriptions(), asyncio.Event()

    @subscriptions.on(TemperatureMeasured)
    async def note(event: TemperatureMeasured, transaction: Transaction) -> None:
        reached.set()
        await go_on.wait()
        transaction.session.add(Reading(station=event.id, degrees=event.degrees))

    await owner.measure(station, 14)
    task = asyncio.ensure_future(Consumer(road, subscriptions).run(stopping))
    await asyncio.wait_for(reached.wait(), DEADLINE_S)
    stopping.set()
    go_on.set()
    await asyncio.wait_for(task, DEADLINE_S)
    assert await readings(road) == [(station, 14)]
    assert await _next_offset(road, owner) == 1


async def _next_offset(road: Runtime, owner: Owner) -> Any:
    wanted = (consumer_positions.c.topic == owner.topic) & (consumer_positions.c.partition == 0)
    async with road.database.engine.connect() as connection:
        return await connection.scalar(select(consumer_positions.c.next_offset).where(wanted))


async def test_a_handler_never_sees_an_aggregate_go_backwards(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    await owner.measure(station, 14)
    await owner.measure(station, 15)
    owner.sequences[station] = 0
    await owner.measure(station, 99)  # the first once more, under another id
    owner.sequences[station] = 6
    before = metric("florin_consumer_sequence_gaps_total", topic=owner.topic)
    await owner.measure(station, 16)  # 3 to 6 are missing: their retention has passed
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 3))
    assert [degrees for _, degrees in await readings(road)] == [14, 15, 16]
    assert metric("florin_consumer_sequence_gaps_total", topic=owner.topic) - before == 1
