"""Records that cannot be handled, logs that are not what they were: visible, and nothing lost."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition
from chassis.tests.almanac import consuming, has_parked, has_readings, metric, parked, readings
from chassis.tests.owners import (
    Owner,
    administrator,
    envelope_of,
    make_topics,
    owner_of,
    state_json,
)
from chassis.tests.roads import DEADLINE_S, TOPIC, running, until
from chassis.tests.weather.models import TemperatureMeasured
from chassis.tests.weather.service import CURSED
from sqlalchemy import select

from florin_chassis.errors import ConsumerHalted
from florin_chassis.ids import new_id
from florin_chassis.road.consumer import Consumer
from florin_chassis.runtime import Runtime
from florin_chassis.tables import outbox
from florin_chassis.testing.harness import Harness
from florin_contracts.states import state_topic

STATION = UUID(int=1)


@pytest.fixture
async def owner(road: Runtime) -> AsyncIterator[Owner]:
    async with owner_of(road) as owner:
        yield owner


def measured(sequence: int = 1) -> list[tuple[str, bytes]]:
    return envelope_of(TemperatureMeasured.type, STATION, sequence).to_headers()


KEY = str(STATION).encode()


async def test_poison_among_a_thousand_is_parked_with_its_key_and_holds_up_no_other(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    stations = [new_id() for _ in range(10)]
    for degrees in range(20, 120):
        for station in stations:
            is_bad = station == stations[3] and degrees == 70
            await owner.measure(station, CURSED if is_bad else degrees)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 950))
        await until(lambda: has_parked(road, 50))
    noted = await readings(road)
    for station in stations:
        until_ = 70 if station == stations[3] else 120
        assert [d for s, d in noted if s == station] == list(range(20, until_))
    first, *others = await parked(road)
    assert "the almanac cannot write this" in first.error
    assert {row.error for row in others} == {"follows a parked event of its key"}


async def test_what_is_parked_is_stated_as_a_dead_letter(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    await owner.measure(station, CURSED)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 1))
    [letter] = await _dead_letters(road)
    assert letter["topic"] == owner.topic
    assert (letter["partition"], letter["offset"]) == (0, 0)
    assert letter["key"] == str(station)
    assert "cannot write this" in letter["error"]
    assert base64.b64decode(letter["value"]) == state_json(station, CURSED)
    assert ["ce_subject", str(station)] in letter["headers"]


async def _dead_letters(road: Runtime) -> list[dict[str, Any]]:
    wanted = select(outbox.c.data).where(outbox.c.topic == "weather-dead-letters")
    async with road.database.engine.connect() as connection:
        rows = await connection.scalars(wanted.order_by(outbox.c.id))
        return [orjson.loads(row) for row in rows]


@dataclass(frozen=True)
class Bad:
    """A record, and what is said of it."""

    headers: list[tuple[str, bytes]]
    value: bytes | None
    key: bytes | None
    reason: str


MALFORMED = {
    "no CloudEvent": Bad([], b"{}", KEY, "specversion"),
    "no UTF-8": Bad([("ce_specversion", b"\xff\xfe")], b"{}", KEY, "utf-8"),
    "NULs": Bad([("ce_\x00", b"\x00")], b"\x00", b"\x00", "specversion"),
    "not of its schema": Bad(measured(), b'{"id": 5}', KEY, "not of its schema"),
    "no JSON": Bad(measured(), b"\xff", KEY, "JSON"),
    "a tombstone among facts": Bad(measured(), None, KEY, "without a value"),
    "another's key": Bad(measured(), state_json(STATION, 5), b"x", "key"),
    "no key": Bad(measured(), state_json(STATION, 5), None, "key"),
    "oversized": Bad(measured(), b"1" * 600_000, KEY, "bytes"),
    "a NUL within": Bad(
        measured(), state_json(STATION, 5).replace(b'"S"', b'"\\u0000"'), KEY, "unicode"
    ),
    "an event of another topic": Bad(
        envelope_of("florin.clients.client.registered.v1", STATION, 1).to_headers(),
        b"{}",
        KEY,
        "does not belong",
    ),
}


@pytest.mark.parametrize("bad", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_record_is_parked_as_it_came(
    weather: Harness, road: Runtime, owner: Owner, bad: Bad
) -> None:
    good = new_id()
    await owner.send_raw(bad.headers, bad.value, bad.key)
    await owner.measure(good, 5)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 1))
        await until(lambda: has_readings(road, 1))
    [row] = await parked(road)
    assert row.value == bad.value
    assert bad.reason.lower() in row.error.lower()
    assert await readings(road) == [(good, 5)]
    assert len(await _dead_letters(road)) == 1


@pytest.mark.parametrize(
    "type_", ["florin.weather.station.measured.v2", "florin.weather.station.painted.v1"]
)
async def test_a_type_of_a_later_release_is_ignored_and_counted(
    weather: Harness, road: Runtime, owner: Owner, type_: str
) -> None:
    station = new_id()
    owner.sequences[station] = 1
    await owner.send(envelope_of(type_, station, 1), b"whatever it holds")
    await owner.measure(station, 5)
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 1))
    assert await has_parked(road, 0)
    name = "florin_consumer_events_total"
    assert metric(name, topic=owner.topic, outcome="ignored") == 1


async def test_too_many_poisoned_events_in_a_row_stop_the_consumer(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    for partition in (0, 1, 2, 0, 1):
        await owner.measure(new_id(), CURSED, partition=partition)
    await owner.delivered()
    with pytest.raises(ConsumerHalted):
        await asyncio.wait_for(consuming(road, weather)(asyncio.Event()), DEADLINE_S)
    assert len(await parked(road)) == road.settings.parked_in_row_max


async def test_the_consumer_stops_when_too_much_is_parked_already(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    full = replace(road, settings=road.settings.model_copy(update={"parked_max": 2}))
    for degrees in (CURSED, 5, CURSED, 5, CURSED, 5):
        await owner.measure(new_id(), degrees)
    await owner.delivered()
    with pytest.raises(ConsumerHalted):
        await asyncio.wait_for(consuming(full, weather)(asyncio.Event()), DEADLINE_S)
    assert len(await parked(road)) == 2
    assert len(await readings(road)) == 2, "what stands behind the third waits for a person"


async def test_a_topic_that_is_made_anew_while_it_is_read_is_read_from_its_start(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    stated = [(await owner.measure(station, degrees), degrees) for degrees in range(14, 34)]
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 20))
        await _make_anew(road, owner)
        for envelope, degrees in stated[-3:]:
            await owner.send_again(envelope, degrees, times=1)
        await owner.measure(station, 34)
        await until(lambda: has_readings(road, 21))
    assert [degrees for _, degrees in await readings(road)] == list(range(14, 35))


@pytest.mark.parametrize("grown_to", [1, 4, 5, 20])
async def test_a_topic_that_was_made_anew_is_recognised_however_far_it_has_grown(
    weather: Harness, road: Runtime, owner: Owner, grown_to: int
) -> None:
    """Of four there is no record where the last one was, nor one after it."""
    station, new = new_id(), new_id()
    for degrees in range(14, 19):
        await owner.measure(station, degrees)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 5))
    await _make_anew(road, owner)
    for degrees in range(14, 14 + grown_to):
        await owner.measure(new, degrees)
    await owner.delivered()
    name = "florin_consumer_log_resets_total"
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 5 + grown_to))
    assert [d for s, d in await readings(road) if s == new] == list(range(14, 14 + grown_to))
    assert metric(name, topic=owner.topic, reason="replaced") == 1


async def _make_anew(road: Runtime, owner: Owner) -> None:
    async with administrator(road) as admin:
        await admin.delete_topics([owner.topic])

        async def gone() -> bool:
            return owner.topic not in await admin.list_topics()

        await until(gone)
    await make_topics(road, TOPIC)
    async with administrator(road) as admin:

        async def there() -> bool:
            return owner.topic in await admin.list_topics()

        await until(there)
    await owner.producer.client.force_metadata_update()


async def test_records_that_expired_unread_are_told_of_and_the_rest_is_handled(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    for degrees in range(14, 19):
        await owner.measure(station, degrees)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 5))
    for degrees in range(19, 34):
        await owner.measure(station, degrees)
    await owner.delivered()
    async with administrator(road) as admin:
        await admin.delete_records({TopicPartition(owner.topic, 0): RecordsToDelete(10)})
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 15))
    assert [d for _, d in await readings(road)] == [*range(14, 19), *range(24, 34)]
    name = "florin_consumer_log_resets_total"
    assert metric(name, topic=owner.topic, reason="truncated") == 1
    assert metric("florin_consumer_sequence_gaps_total", topic=owner.topic) == 1


async def test_a_log_that_expired_after_it_was_read_is_nothing_to_tell(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    for degrees in range(14, 19):
        await owner.measure(station, degrees)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 5))
    async with administrator(road) as admin:
        await admin.delete_records({TopicPartition(owner.topic, 0): RecordsToDelete(5)})
    await owner.measure(station, 19)
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 6))
    for reason in ("truncated", "replaced"):
        assert metric("florin_consumer_log_resets_total", topic=owner.topic, reason=reason) == 0


async def test_a_topic_that_is_still_to_be_made_holds_up_no_other(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    async with administrator(road) as admin:
        await admin.delete_topics([state_topic(owner.topic)])
    await owner.measure(new_id(), 5)
    async with running(Consumer(road, weather.service.subscriptions).run):
        await until(lambda: has_readings(road, 1))
