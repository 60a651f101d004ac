"""A tombstone is stated twice, a compaction lag apart, and never a third time."""

from datetime import timedelta
from uuid import UUID

from chassis.tests.states import grow_older
from chassis.tests.weather.models import Station, open_station
from sqlalchemy import func, select

from florin_chassis.actor import Actor
from florin_chassis.road.tombstones import AGAIN_AFTER, restate_tombstones
from florin_chassis.scheduler import TOMBSTONES, Scheduler
from florin_chassis.tables import outbox, relay_cursors
from florin_chassis.testing.harness import Harness
from florin_chassis.topics import registered_topics
from florin_contracts.envelope import Envelope


async def erase(weather: Harness, country: UUID) -> UUID:
    station = await open_station("Pulkovo", country, weather.begin)
    officer = Actor(name="user/officer", on_behalf_of="client/7", reason="asked", everywhere=True)
    async with weather.runtime.begin_as(officer)() as transaction:
        await transaction.erase(await transaction.get(Station, station.id))
    return station.id


async def tombstones(weather: Harness) -> list[tuple[str, Envelope]]:
    """Topic and envelope of each tombstone in the outbox, but for the trace it belongs to."""
    query = select(outbox).where(outbox.c.data.is_(None)).order_by(outbox.c.id)
    async with weather.runtime.database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    envelopes = [Envelope.model_validate_json(row.envelope) for row in rows]
    untraced = [envelope.model_copy(update={"traceparent": None}) for envelope in envelopes]
    return list(zip((row.topic for row in rows), untraced, strict=True))


async def published(weather: Harness) -> None:
    """As if all that the outbox holds were on Kafka."""
    async with weather.runtime.database.engine.begin() as connection:
        last = await connection.scalar(select(func.max(outbox.c.id)))
        await connection.execute(relay_cursors.insert().values(reader="states", position=last))


async def test_a_tombstone_is_stated_again_after_the_lag_just_as_it_was_and_only_once(
    weather: Harness, country: UUID
) -> None:
    await erase(weather, country)
    await published(weather)
    await restate_tombstones(weather.runtime)
    assert len(await tombstones(weather)) == 1, "not yet"
    await grow_older(weather.runtime, AGAIN_AFTER)
    for _ in range(2):
        await restate_tombstones(weather.runtime)
    first, second = await tombstones(weather)
    assert first == second
    assert first[1].reason == "asked"


async def test_while_kafka_has_not_got_the_first_the_second_waits(
    weather: Harness, country: UUID
) -> None:
    await erase(weather, country)
    await grow_older(weather.runtime, AGAIN_AFTER)
    await restate_tombstones(weather.runtime)
    await published(weather)
    await restate_tombstones(weather.runtime)
    assert len(await tombstones(weather)) == 1, "the first has been on Kafka for a moment only"


def test_every_service_states_its_tombstones_again(weather: Harness) -> None:
    assert TOMBSTONES in Scheduler(weather.runtime, ())._jobs


def test_the_second_tombstone_comes_after_the_longest_lag() -> None:
    for owner in ("identity", "providers", "clients", "payers"):
        for topic in registered_topics(owner):
            lag = timedelta(milliseconds=topic["state"]["max_compaction_lag_ms"])
            assert lag < AGAIN_AFTER
