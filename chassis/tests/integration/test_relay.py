"""The relay on real PostgreSQL and Kafka: nothing lost, in order, nobody held up; either source."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from chassis.tests.outboxes import (
    FACTS,
    Outbox,
    Running,
    in_order,
    metric,
    outbox_of,
    reads_by,
    relaying,
    start,
)
from chassis.tests.roads import until
from chassis.tests.weather.service import service
from tests.plugins.servers import SettingsFor

from florin_local.kafka import Kafka
from florin_local.postgres import Postgres


@pytest.fixture(params=["wal", "poll"])
async def outbox(
    request: pytest.FixtureRequest, settings_for: SettingsFor, kafka: Kafka
) -> AsyncIterator[Outbox]:
    changes: dict[str, Any] = {"relay": request.param, "kafka_bootstrap": kafka.bootstrap}
    async with outbox_of(settings_for(service).model_copy(update=changes)) as made:
        yield made


async def test_events_reach_kafka_in_the_order_of_their_key(outbox: Outbox) -> None:
    keys = [f"K{n}" for n in range(7)]
    await outbox.state(*keys * 30)
    async with relaying(outbox.runtime):
        await reads_by(outbox.settings.relay)
        writers = [await outbox.another() for _ in range(3)]
        for _ in range(20):
            await asyncio.gather(
                *(outbox.state(*keys[n::3], via=writer) for n, writer in enumerate(writers))
            )
        found = await outbox.on_kafka(outbox.stated)
    for writer in writers:
        await writer.close()
    assert sorted(found) == sorted(outbox.stated), "each once"
    assert in_order(found)


async def test_a_relay_killed_before_it_confirms_sends_again_and_loses_nothing(
    outbox: Outbox,
) -> None:
    await outbox.state(*"ABC" * 20)
    killed = start(outbox.runtime)
    await outbox.on_kafka(outbox.stated)
    await killed.kill()
    await outbox.connection.execute("UPDATE relay_cursors SET position = 7")
    last = await outbox.state(*"ABC")
    async with relaying(outbox.runtime):
        await outbox.confirmed(last)
    found = await outbox.on_kafka(outbox.stated)
    assert set(found) == set(outbox.stated)
    assert len(found) >= len(outbox.stated) + 53, "what lies above the position came again"
    assert in_order(found)


async def test_a_rolled_back_transaction_leaves_a_gap_that_holds_nobody_up(outbox: Outbox) -> None:
    async with relaying(outbox.runtime):
        await reads_by(outbox.settings.relay)
        await outbox.connection.execute("SELECT nextval('outbox_ids')")
        last = await outbox.state("A", "B")
        await outbox.confirmed(last)
    assert sorted(await outbox.on_kafka(outbox.stated)) == [("A", 1), ("B", 1)]


async def test_a_transaction_that_commits_late_is_neither_lost_nor_waited_for(
    outbox: Outbox,
) -> None:
    late = await outbox.another()
    async with relaying(outbox.runtime):
        transaction = late.transaction()
        await transaction.start()
        await outbox.state("late", via=late)
        outbox.stated.clear()
        await outbox.state("early", "early")
        await outbox.on_kafka([("early", 1), ("early", 2)])
        assert await outbox.position() == 0, "what is open below may still commit"
        await transaction.commit()
        assert ("late", 1) in await outbox.on_kafka([("late", 1)])
        await outbox.confirmed(3)
    await late.close()


async def test_what_is_open_in_a_neighbouring_database_delays_nobody(
    outbox: Outbox, postgres: Postgres
) -> None:
    neighbour = await asyncpg.connect(postgres.admin_url)
    own = await outbox.another()
    await neighbour.execute("CREATE TABLE IF NOT EXISTS written (at timestamptz)")
    for connection, statement in (
        (neighbour, "INSERT INTO written VALUES (now())"),
        (own, "INSERT INTO inbox (event_id) VALUES (gen_random_uuid())"),
    ):
        await connection.execute("BEGIN")
        await connection.execute(statement)
    async with relaying(outbox.runtime):
        last = await outbox.state(*"ABC" * 5)
        await outbox.confirmed(last)
        assert metric("florin_relay_mode", mode="poll"), (
            "a slot cannot be made while somebody writes: so it polls"
        )
        await neighbour.execute("ROLLBACK")
        await own.execute("ROLLBACK")
        await reads_by(outbox.settings.relay)
        last = await outbox.state(*"ABC")
        await outbox.confirmed(last)
    await neighbour.close()
    await own.close()
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated), "each once"


async def test_a_standby_takes_over_from_a_leader_that_dies(outbox: Outbox) -> None:
    first, second = start(outbox.runtime), None
    await _leads(first)
    second = start(outbox.runtime)
    await outbox.state("A", "B")
    await outbox.on_kafka(outbox.stated)
    assert not second.relay.leading
    await first.kill()
    await _leads(second)
    await outbox.state("A", "B")
    assert in_order(await outbox.on_kafka(outbox.stated))
    await second.stop()


async def _leads(running: Running) -> None:
    async def does() -> bool:
        return running.relay.leading

    await until(does)


async def test_what_was_committed_before_the_stop_is_sent_before_the_relay_ends(
    outbox: Outbox,
) -> None:
    running = start(outbox.runtime)
    await _leads(running)
    last = await outbox.state(*"ABCDEF" * 10)
    await running.stop()
    assert await outbox.position() == last
    assert sorted(await outbox.on_kafka()) == sorted(outbox.stated)


async def test_rows_of_state_topics_are_another_readers(outbox: Outbox) -> None:
    async with relaying(outbox.runtime):
        await outbox.state("A", topic=FACTS + "-state")
        last = await outbox.state("B")
        await outbox.confirmed(last)
    assert await outbox.on_kafka() == [("B", 1)]
