"""Projections: complete from the state topic alone, never set back, erased for good, rebuilt."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from chassis.tests.almanac import consuming, count, metric
from chassis.tests.owners import Owner, owner_of, state_json
from chassis.tests.roads import TOPIC, running, until
from chassis.tests.weather.models import StationState
from sqlalchemy import text

from florin_chassis.actor import process_actor
from florin_chassis.errors import NotFound, NotYet
from florin_chassis.ids import new_id
from florin_chassis.road.projections import find_projected, need_projected
from florin_chassis.road.rebuilding import Rebuilt, rebuild
from florin_chassis.runtime import Runtime
from florin_chassis.tables import inbox, projected_states
from florin_chassis.testing.harness import Harness


@pytest.fixture
async def owner(road: Runtime) -> AsyncIterator[Owner]:
    async with owner_of(road) as owner:
        yield owner


async def degrees_of(road: Runtime, station: UUID) -> int | None:
    async with road.database.session(process_actor("test")) as session:
        found = await find_projected(session, StationState, station)
    return found.degrees if found else None


async def has_degrees(road: Runtime, station: UUID, expected: int | None) -> bool:
    return await degrees_of(road, station) == expected


async def test_a_new_consumer_is_complete_from_the_state_topic_alone(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    stations = [new_id() for _ in range(30)]
    for index, station in enumerate(stations):
        await owner.state_state(station, sequence=7, degrees=index, partition=index % 3)
    async with running(consuming(road, weather)):
        for index, station in enumerate(stations):
            await until(lambda s=station, d=index: has_degrees(road, s, d))  # type: ignore[misc]
    assert await count(road, inbox) == 0, "states need no inbox: their sequence tells"


async def test_a_fact_and_a_state_keep_the_later_of_the_two_whichever_comes_first(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    behind, ahead, end = new_id(), new_id(), new_id()
    await owner.open(behind)
    await owner.measure(behind, 20)
    await owner.state_state(behind, sequence=1, degrees=1)
    await owner.open(ahead)
    await owner.state_state(ahead, sequence=5, degrees=50)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: has_degrees(road, behind, 20))
        await until(lambda: has_degrees(road, ahead, 50))
        await owner.open(end)
        await owner.state_state(end, sequence=2, degrees=3)
        await until(lambda: has_degrees(road, end, 3))
    assert await degrees_of(road, behind) == 20
    assert await degrees_of(road, ahead) == 50


async def test_a_tombstone_erases_and_no_older_fact_brings_it_back(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station, end = new_id(), new_id()
    await owner.open(station)
    await owner.measure(station, 20)
    async with running(consuming(road, weather)):
        await until(lambda: has_degrees(road, station, 20))
        await owner.state_state(station, sequence=3, degrees=None)
        await until(lambda: has_degrees(road, station, None))
        await owner.measure(station, 30)  # the third, which was stated before the erasure
        await owner.state_state(station, sequence=3, degrees=31)
        await owner.measure(end, 5)
        await owner.state_state(end, sequence=2, degrees=6)
        await until(lambda: has_degrees(road, end, 6))
    assert await degrees_of(road, station) is None
    assert await _kept_of(road, station) is None


async def _kept_of(road: Runtime, station: UUID) -> object:
    async with road.database.engine.connect() as connection:
        return await connection.scalar(
            text("SELECT state FROM projected_states WHERE id = :id"), {"id": station}
        )


async def test_who_needs_an_erased_state_does_not_wait_for_it(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    await owner.state_state(station, sequence=3, degrees=None)
    async with running(consuming(road, weather)):
        await until(lambda: _has_rows(road, 1))
    async with road.database.session(process_actor("test")) as session:
        with pytest.raises(NotFound):
            await need_projected(session, StationState, station)
        with pytest.raises(NotYet):
            await need_projected(session, StationState, new_id())


async def _has_rows(road: Runtime, expected: int) -> bool:
    return await count(road, projected_states) == expected


async def test_a_gap_in_the_sequences_is_counted_and_not_parked(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    station = new_id()
    owner.sequences[station] = 4
    await owner.measure(station, 20)
    await owner.measure(station, 21)
    async with running(consuming(road, weather)):
        await until(lambda: has_degrees(road, station, 21))
    assert metric("florin_consumer_sequence_gaps_total", topic=owner.topic) == 1


async def test_rebuilding_mends_what_was_changed_and_removes_what_nobody_states(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    stations = [new_id() for _ in range(20)]
    for index, station in enumerate(stations):
        await owner.state_state(station, sequence=2, degrees=index, partition=index % 3)
    newer, erased, gone = new_id(), new_id(), new_id()
    await owner.state_state(newer, sequence=1, degrees=1)
    await owner.state_state(erased, sequence=4, degrees=None)
    await owner.delivered()
    async with running(consuming(road, weather)):
        await until(lambda: _has_rows(road, 22))
        await owner.open(newer)
        await owner.measure(newer, 9)
        await until(lambda: has_degrees(road, newer, 9))
    await _spoil(road, stations[3], stations[4], gone)
    progress = [step async for step in rebuild(road, weather.service.subscriptions)]
    assert progress[-1] == Rebuilt(TOPIC, 22, 22, vanished=1)
    assert [await degrees_of(road, station) for station in stations] == list(range(20))
    assert await degrees_of(road, newer) == 9, "the fact is later than its state"
    assert await degrees_of(road, gone) is None
    assert await degrees_of(road, erased) is None


async def _spoil(road: Runtime, changed: UUID, removed: UUID, invented: UUID) -> None:
    async with road.database.engine.begin() as connection:
        other = state_json(changed, 99).decode()
        await connection.execute(
            text("UPDATE projected_states SET state = CAST(:state AS jsonb) WHERE id = :id"),
            {"state": other, "id": changed},
        )
        await connection.execute(
            text("DELETE FROM projected_states WHERE id = :id"), {"id": removed}
        )
        await connection.execute(
            text(
                "INSERT INTO projected_states (topic, id, sequence, state)"
                " VALUES (:topic, :id, 3, CAST(:state AS jsonb))"
            ),
            {"topic": TOPIC, "id": invented, "state": other},
        )


async def test_rebuilding_what_is_not_projected_is_refused(weather: Harness, road: Runtime) -> None:
    with pytest.raises(LookupError):
        _ = [step async for step in rebuild(road, weather.service.subscriptions, ["clouds-cloud"])]
