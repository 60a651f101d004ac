"""Parked events are replayed in the order of their key, or given up: no race, nothing twice."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from chassis.tests.almanac import consuming, has_parked, has_readings, metric, parked, readings
from chassis.tests.owners import Owner, owner_of
from chassis.tests.roads import running, until
from chassis.tests.weather import service as almanac
from chassis.tests.weather.service import CURSED, not_yet
from structlog.testing import capture_logs

from florin_chassis.actor import process_actor
from florin_chassis.ids import new_id
from florin_chassis.road.parking import discard, request_replay
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness


@pytest.fixture
async def owner(road: Runtime) -> AsyncIterator[Owner]:
    async with owner_of(road) as owner:
        yield owner


@pytest.fixture
def mend() -> Iterator[Callable[[], None]]:
    """Mends the almanac's defect."""
    with pytest.MonkeyPatch.context() as patch:
        yield lambda: patch.setattr(almanac, "CURSED", None)


async def ask_replay(road: Runtime, *ids: int) -> int:
    async with road.database.session(process_actor("test")) as session:
        asked = await request_replay(session, ids)
        await session.commit()
    return asked


async def ids_of(road: Runtime) -> list[int]:
    return [row.id for row in await parked(road)]


async def test_a_replay_applies_the_queue_of_its_key_in_order_and_empties_it(
    weather: Harness, road: Runtime, owner: Owner, mend: Callable[[], None]
) -> None:
    station, other = new_id(), new_id()
    for degrees in (14, CURSED, 15, 16):
        await owner.measure(station, degrees)
    await owner.measure(other, CURSED)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 4))
        mend()
        last_of_first_queue = (await ids_of(road))[2]
        assert await ask_replay(road, last_of_first_queue) == 3
        await until(lambda: has_readings(road, 4))
    assert [d for s, d in await readings(road) if s == station] == [14, CURSED, 15, 16]
    [left] = await parked(road)
    assert left.key == str(other)
    name = "florin_consumer_events_total"
    assert metric(name, topic=owner.topic, outcome="replayed") == 3


async def test_a_replay_that_fails_again_keeps_the_new_error_and_the_order(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    for degrees in (CURSED, 15):
        await owner.measure(station, degrees)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 2))
        first, _ = await parked(road)
        await ask_replay(road, first.id)

        async def tried() -> bool:
            return all(row.replay_requested_at is None for row in await parked(road))

        await until(tried)
    assert await readings(road) == []
    assert len(await parked(road)) == 2


async def test_a_replay_that_comes_too_early_is_tried_again(
    weather: Harness, road: Runtime, owner: Owner, mend: Callable[[], None]
) -> None:
    station = new_id()
    await owner.measure(station, CURSED)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 1))
        mend()
        not_yet.add(station)
        await ask_replay(road, *await ids_of(road))
        not_yet.clear()
        await until(lambda: has_readings(road, 1))
    assert await has_parked(road, 0)


async def test_what_arrives_during_a_replay_is_handled_after_it(
    weather: Harness, road: Runtime, owner: Owner, mend: Callable[[], None]
) -> None:
    """By two replicas at once, while the key's events go on coming."""
    station = new_id()
    await owner.measure(station, CURSED)
    for degrees in range(20, 60):
        await owner.measure(station, degrees)
    await owner.delivered()
    async with running(consuming(road, weather), consuming(road, weather)):
        await until(lambda: has_parked(road, 41))
        mend()
        await ask_replay(road, *await ids_of(road))
        for degrees in range(60, 160):
            await owner.measure(station, degrees)
            await owner.delivered()
        await until(lambda: has_readings(road, 141))
    assert [degrees for _, degrees in await readings(road)] == [CURSED, *range(20, 160)]
    assert await has_parked(road, 0)


async def test_a_second_delivery_of_a_parked_event_is_a_duplicate(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station, other = new_id(), new_id()
    envelope = await owner.measure(station, CURSED)
    await owner.send_again(envelope, CURSED, times=2)
    await owner.measure(other, 5)
    async with running(consuming(road, weather)):
        await until(lambda: has_readings(road, 1))
    assert await has_parked(road, 1)


async def test_what_is_parked_of_an_erased_aggregate_goes_with_it(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    erased, other = new_id(), new_id()
    for station in (erased, other):
        await owner.measure(station, CURSED)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 2))
        await owner.state_state(erased, sequence=2, degrees=None)
        await until(lambda: has_parked(road, 1))
    [left] = await parked(road)
    assert left.key == str(other)


async def test_discarding_gives_an_event_up_and_says_who_did_it(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    for degrees in (CURSED, 15):
        await owner.measure(station, degrees)
    async with running(consuming(road, weather)):
        await until(lambda: has_parked(road, 2))
        first, second = await ids_of(road)
        with capture_logs() as logs:
            assert await _discard(road, first) == 1
        assert [(line["event"], line["who"]) for line in logs] == [
            ("parked event discarded", "user/ada")
        ]
        await ask_replay(road, second)
        await until(lambda: has_readings(road, 1))
    assert await readings(road) == [(station, 15)]


async def _discard(road: Runtime, event_id: int) -> int:
    async with road.database.session(process_actor("test")) as session:
        gone = await discard(session, [event_id], who="user/ada")
        await session.commit()
    return gone


async def test_asking_for_what_is_not_parked_asks_for_nothing(road: Runtime) -> None:
    assert await ask_replay(road, 1, 2) == 0
    async with road.database.session(process_actor("test")) as session:
        assert await discard(session, [1], who="x") == 0
