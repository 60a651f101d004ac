"""What breaks around the relay: it loses nothing, keeps order, and comes back by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from chassis.tests.outboxes import (
    FACTS,
    Outbox,
    create_topic,
    in_order,
    metric,
    migrated,
    outbox_of,
    reads_by,
    relaying,
    start,
    with_settings,
)
from chassis.tests.roads import until
from chassis.tests.weather.service import service
from structlog.testing import capture_logs
from tests.plugins.servers import SettingsFor

from florin_chassis.road.positions import rewind
from florin_chassis.settings import ServiceSettings
from florin_local.kafka import Kafka
from florin_local.postgres import Postgres


@pytest.fixture
async def outbox(settings_for: SettingsFor, kafka: Kafka, source: str) -> AsyncIterator[Outbox]:
    changes: dict[str, Any] = {"relay": source, "kafka_bootstrap": kafka.bootstrap}
    async with outbox_of(settings_for(service).model_copy(update=changes)) as made:
        yield made


@pytest.fixture(params=["wal", "poll"])
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_an_event_too_large_for_its_topic_holds_up_its_key_alone(outbox: Outbox) -> None:
    await limit_message_size(outbox, 10_000)
    async with relaying(outbox.runtime):
        await outbox.state("A", "large", "B")
        too_large = await outbox.state("large", size=20_000)
        last = await outbox.state("A", "large", "B")
        found = await outbox.on_kafka([("A", 2), ("B", 2), ("large", 1)])
        assert ("large", 3) not in found
        assert await outbox.position() < too_large
        assert metric("florin_relay_held_events", topic=FACTS) == 2
        assert metric("florin_relay_refused_id", topic=FACTS) == too_large
        await limit_message_size(outbox, 1_000_000)
        await outbox.confirmed(last)
    assert metric("florin_relay_held_events", topic=FACTS) == 0
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"
    assert in_order(await outbox.on_kafka())


async def limit_message_size(outbox: Outbox, most: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=outbox.settings.kafka_bootstrap)
    await admin.start()
    name = outbox.settings.topic_prefix + FACTS
    configs = {"max.message.bytes": str(most)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs)])
    await admin.close()


async def test_a_topic_that_is_not_there_holds_up_no_other(outbox: Outbox) -> None:
    async with relaying(outbox.runtime):
        await outbox.state("A", topic="weather-missing")
        last = await outbox.state("B", topic="weather-missing")
        await outbox.state("A", "B")
        await outbox.on_kafka(outbox.stated)
        assert await outbox.position() == 0
        assert metric("florin_relay_held_events", topic="weather-missing") == 2
        await create_topic(outbox.settings, "weather-missing")
        await outbox.confirmed(last)
    assert sorted(await outbox.on_kafka(topic="weather-missing")) == [("A", 1), ("B", 1)]


async def test_lost_sequence_numbers_are_got_over(outbox: Outbox) -> None:
    async with relaying(outbox.runtime) as running:
        await outbox.state("A", "B")
        await outbox.on_kafka(outbox.stated)
        publisher = running.relay._publisher
        assert publisher
        sequences = publisher._producer._txn_manager._sequence_numbers
        for partition in sequences:
            sequences[partition] += 7
        await outbox.state(*"AB" * 20)
        found = await outbox.on_kafka(outbox.stated)
    assert in_order(found)


async def test_a_position_that_is_set_back_is_published_from_again(outbox: Outbox) -> None:
    first = await outbox.state(*"AB" * 5)
    async with relaying(outbox.runtime):
        await outbox.confirmed(first)
        await reads_by(outbox.settings.relay)
        engine = outbox.runtime.database.engine
        assert await rewind(engine, "facts", 4)
        await outbox.on_kafka_times(outbox.stated[4:], 2)
        last = await outbox.state("A")
        await outbox.confirmed(last)
        assert await rewind(engine, "facts", datetime.now(UTC) - timedelta(hours=1))
        await outbox.on_kafka_times(outbox.stated, 2)
        assert not await rewind(engine, "facts", datetime.now(UTC) + timedelta(hours=1))
        await outbox.confirmed(last)
    assert in_order(await outbox.on_kafka())


async def test_a_backend_that_is_ended_ends_a_lease_and_nothing_else(outbox: Outbox) -> None:
    async with relaying(outbox.runtime):
        await outbox.state("A", "B")
        await reads_by(outbox.settings.relay)
        await outbox.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        await outbox.state(*"AB" * 10)
        found = await outbox.on_kafka(outbox.stated)
        await reads_by(outbox.settings.relay)
    assert in_order(found)


@pytest.mark.parametrize("source", ["wal"])
async def test_a_dropped_slot_is_made_again_and_nothing_is_lost_meanwhile(outbox: Outbox) -> None:
    async with relaying(outbox.runtime):
        await outbox.state("A", "B")
        await reads_by("wal")
        await drop_slot(outbox)
        await outbox.state(*"AB" * 10)
        await reads_by("wal")
        last = await outbox.state(*"AB" * 10)
        await outbox.confirmed(last)
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"
    assert in_order(await outbox.on_kafka())


async def drop_slot(outbox: Outbox) -> None:
    slots = "FROM pg_replication_slots WHERE database = current_database()"
    await outbox.connection.execute(f"SELECT pg_terminate_backend(active_pid) {slots}")

    async def dropped() -> bool:
        try:
            await outbox.connection.execute(f"SELECT pg_drop_replication_slot(slot_name) {slots}")
        except asyncpg.ObjectInUseError:
            return False
        return True

    await until(dropped)


@pytest.mark.parametrize("source", ["wal"])
async def test_a_slot_dropped_while_no_relay_runs_costs_nothing(outbox: Outbox) -> None:
    running = start(outbox.runtime)
    await outbox.state("A", "B")
    await reads_by("wal")
    await running.stop()
    await drop_slot(outbox)
    await outbox.state(*"AB" * 10)
    async with relaying(outbox.runtime):
        await reads_by("wal")
        last = await outbox.state("A")
        await outbox.confirmed(last)
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"


@pytest.mark.parametrize("source", ["wal"])
async def test_a_dropped_publication_is_made_again(outbox: Outbox) -> None:
    running = start(outbox.runtime)
    await outbox.state("A", "B")
    await reads_by("wal")
    await running.stop()
    await outbox.connection.execute("DROP PUBLICATION florin_outbox")
    await outbox.state(*"AB" * 10)
    async with relaying(outbox.runtime):
        await reads_by("wal")
        last = await outbox.state("A")
        await outbox.confirmed(last)
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"


@pytest.mark.parametrize("source", ["wal"])
async def test_without_the_right_to_replicate_it_polls_until_it_has_it(
    outbox: Outbox, postgres: Postgres
) -> None:
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute("ALTER ROLE weather NOREPLICATION")
    try:
        async with relaying(outbox.runtime):
            last = await outbox.state(*"AB" * 10)
            await outbox.confirmed(last)
            await reads_by("poll")
            await admin.execute("ALTER ROLE weather REPLICATION")
            await reads_by("wal")
            last = await outbox.state("A")
            await outbox.confirmed(last)
    finally:
        await admin.execute("ALTER ROLE weather REPLICATION")
        await admin.close()
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"


@pytest.mark.parametrize("source", ["wal"])
async def test_the_two_ways_to_read_take_over_from_each_other_exactly(outbox: Outbox) -> None:
    for way in ("wal", "poll", "wal", "poll"):
        async with relaying(with_settings(outbox, relay=way)):
            await outbox.state(*"AB" * 5)
            await reads_by(way)
            last = await outbox.state(*"AB" * 5)
            await outbox.confirmed(last)
        await outbox.state("A", "B")
    slots = "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"
    assert await outbox.connection.fetchval(slots) == 0, "whoever polls leaves no slot behind"
    async with relaying(outbox.runtime):
        await outbox.on_kafka(outbox.stated)
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"
    assert in_order(await outbox.on_kafka())


@pytest.fixture(scope="module")
def own_servers(server_folder: Path) -> Iterator[tuple[Postgres, Kafka]]:
    """Servers that may be broken without breaking another test."""
    folder = server_folder / "relay-faults"
    folder.mkdir(mode=0o755)
    servers = Postgres(folder / "postgres", 0, durable=False), Kafka(folder / "kafka", 0)
    for server in servers:
        server.start()
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
async def breakable(
    own_servers: tuple[Postgres, Kafka], source: str, settings_for: SettingsFor
) -> AsyncIterator[Outbox]:
    postgres, kafka = own_servers
    settings: ServiceSettings = await asyncio.to_thread(
        migrated, service, settings_for(service), postgres
    )
    changes: dict[str, Any] = {"relay": source, "kafka_bootstrap": kafka.bootstrap}
    async with outbox_of(settings.model_copy(update=changes)) as made:
        yield made


async def test_a_broker_that_is_killed_and_comes_back_has_it_all(
    breakable: Outbox, own_servers: tuple[Postgres, Kafka]
) -> None:
    _, kafka = own_servers
    async with relaying(breakable.runtime):
        await breakable.state(*"AB" * 10)
        await breakable.on_kafka(breakable.stated)
        await asyncio.to_thread(kafka.kill)
        await breakable.state(*"AB" * 500)
        await asyncio.to_thread(kafka.start)
        last = await breakable.state(*"AB")
        await breakable.confirmed(last)
    found = await breakable.on_kafka(breakable.stated)
    assert set(found) == set(breakable.stated)
    assert in_order(found)


async def test_a_relay_set_back_before_a_lost_log_is_made_anew_begins_it_in_order(
    breakable: Outbox, own_servers: tuple[Postgres, Kafka]
) -> None:
    """It has as much on its way as may be, and still notices that none of it comes first."""
    _, kafka = own_servers
    outbox = breakable
    async with relaying(with_settings(outbox, relay_batch_max=10)):
        last = await outbox.state(*"AB" * 20)
        await outbox.confirmed(last)
        await asyncio.to_thread(kafka.kill)
        await outbox.state(*"AB" * 50)
        with capture_logs() as logs:
            assert await rewind(outbox.runtime.database.engine, "facts", 0)

            async def has_noticed() -> bool:
                return any("position was set back" in line["event"] for line in logs)

            await until(has_noticed)
        kafka.wipe()
        await asyncio.to_thread(kafka.start)
        await create_topic(outbox.settings, FACTS)
        found = await outbox.on_kafka(outbox.stated)
    assert in_order(found)


async def test_a_database_that_crashes_and_recovers_is_read_on(
    breakable: Outbox, own_servers: tuple[Postgres, Kafka]
) -> None:
    postgres, _ = own_servers
    async with relaying(breakable.runtime):
        await breakable.state(*"AB" * 10)
        await reads_by(breakable.settings.relay)
        await asyncio.to_thread(postgres.restart_immediately)
        breakable.connection.terminate()
        breakable.connection = await breakable.another()
        last = await breakable.state(*"AB" * 10)
        await breakable.confirmed(last)
        await reads_by(breakable.settings.relay)
    found = await breakable.on_kafka(breakable.stated)
    assert set(found) == set(breakable.stated)
    assert in_order(found)


async def test_a_relay_told_to_stop_while_kafka_is_away_stops(
    breakable: Outbox, own_servers: tuple[Postgres, Kafka]
) -> None:
    _, kafka = own_servers
    running = start(breakable.runtime)
    await breakable.state("A")
    await breakable.on_kafka(breakable.stated)
    await asyncio.to_thread(kafka.kill)
    try:
        await breakable.state(*"AB" * 10)
        running.stopping.set()
        await running.kill()  # what a process does when the time to stop gracefully is up
    finally:
        await asyncio.to_thread(kafka.start)
    async with relaying(breakable.runtime):
        found = await breakable.on_kafka(breakable.stated)
    assert set(found) == set(breakable.stated)
