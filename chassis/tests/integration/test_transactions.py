"""One use case is one transaction: row, event and audit row stand or fall together."""

import asyncio
from uuid import UUID

import pytest
from chassis.tests.weather.models import NameTaken, Station, StationOpened, measure, open_station
from sqlalchemy import delete, func, select, text, update

from florin_chassis.actor import Actor
from florin_chassis.errors import ConcurrentChange, NotFound
from florin_chassis.ids import new_id
from florin_chassis.tables import audit, outbox
from florin_chassis.testing.guard import assert_rows_match_events
from florin_chassis.testing.harness import Harness
from florin_chassis.transaction import ZombieRecord


async def count(weather: Harness, table: object = outbox) -> int:
    async with weather.runtime.database.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


async def test_a_committed_row_has_its_event_and_its_audit_row(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    (event,) = await weather.stated(StationOpened)
    assert event["envelope"]["subject"] == str(station.id)
    assert event["envelope"]["actor"] == "user/test"
    assert await count(weather, audit) == 1


async def test_a_failed_use_case_leaves_nothing_behind(weather: Harness, country: UUID) -> None:
    with pytest.raises(RuntimeError):
        await _open_and_fail(weather, country)
    assert [await count(weather, t) for t in (Station.__table__, outbox, audit)] == [0, 0, 0]


async def _open_and_fail(weather: Harness, country: UUID) -> None:
    async with weather.begin() as transaction:
        station = Station(name="Pulkovo", country=country, degrees=0)
        transaction.add(station)
        transaction.emit(station.open())
        await transaction.complete()
        raise RuntimeError("the machine stops here")


async def test_a_change_without_its_event_is_refused(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(ZombieRecord):
        async with weather.begin() as transaction:
            (await transaction.get(Station, station.id)).name = "Domodedovo"


async def test_a_fact_that_is_not_emitted_is_refused(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(ZombieRecord):
        async with weather.begin() as transaction:
            (await transaction.get(Station, station.id)).measure(5)


@pytest.mark.parametrize("statement", [update(Station).values(name="x"), delete(Station)])
async def test_a_bulk_change_of_stated_rows_is_refused(weather: Harness, statement: object) -> None:
    with pytest.raises(ZombieRecord):
        async with weather.begin() as transaction:
            await transaction.session.execute(statement)  # type: ignore[call-overload]


async def test_the_guard_sees_a_change_behind_the_session(weather: Harness, country: UUID) -> None:
    await open_station("Pulkovo", country, weather.begin)
    engine = weather.runtime.database.engine
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE stations SET version = 2"))
    with pytest.raises(AssertionError, match="version 2"):
        await assert_rows_match_events(engine, Station.metadata)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE stations SET version = 1"))


async def test_several_facts_of_one_transaction_have_contiguous_sequences(
    weather: Harness, country: UUID
) -> None:
    async with weather.begin() as transaction:
        station = Station(name="Pulkovo", country=country, degrees=0)
        transaction.add(station)
        transaction.emit(station.open(), station.measure(1), station.measure(2))
    assert [e["envelope"]["sequence"] for e in await weather.stated()] == [1, 2, 3]


async def test_concurrent_changes_of_one_aggregate_are_all_kept_in_order(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await asyncio.gather(*(measure(station.id, n, weather.begin) for n in range(20)))
    sequences = [e["envelope"]["sequence"] for e in await weather.stated()]
    assert sequences == list(range(1, 22)), "the outbox order of an aggregate is its commit order"


async def test_a_stale_copy_loses_and_leaves_nothing(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(ConcurrentChange):
        await _measure_a_stale_copy(weather, station.id)
    assert len(await weather.stated()) == 2


async def _measure_a_stale_copy(weather: Harness, station_id: UUID) -> None:
    async with weather.begin() as transaction:
        stale = await transaction.session.get_one(Station, station_id)  # read without its lock
        await measure(station_id, 7, weather.begin)
        transaction.emit(stale.measure(8))


async def test_a_violated_constraint_is_the_refusal_that_its_table_names(
    weather: Harness, country: UUID
) -> None:
    await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(NameTaken, match="Another station has this name"):
        await open_station("Pulkovo", country, weather.begin)


async def test_what_is_out_of_reach_does_not_exist(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for reach in ({}, {"country": frozenset({new_id()})}, {"planet": frozenset({country})}):
        begin = weather.runtime.begin_as(Actor(name="user/foreign", reach=reach))
        with pytest.raises(NotFound):
            await measure(station.id, 1, begin)
    at_home = weather.runtime.begin_as(Actor("user/x", reach={"country": frozenset({country})}))
    assert (await measure(station.id, 1, at_home)).degrees == 1


async def test_what_is_written_early_is_there_with_the_commit_and_not_before(
    weather: Harness, country: UUID
) -> None:
    async with weather.begin() as transaction:
        for batch in ("first", "second"):
            for number in range(3):
                station = Station(name=f"{batch} {number}", country=country, degrees=0)
                transaction.add(station)
                transaction.emit(station.open())
            await transaction.relieve()
            assert transaction.facts == []
            assert not list(transaction.session)
        assert [await count(weather, t) for t in (Station.__table__, outbox, audit)] == [0, 0, 0]
    names = [event["data"]["name"] for event in await weather.stated(StationOpened)]
    assert names == [f"{batch} {n}" for batch in ("first", "second") for n in range(3)]


async def test_what_was_written_early_goes_with_a_use_case_that_fails(
    weather: Harness, country: UUID
) -> None:
    with pytest.raises(RuntimeError):
        await _open_early_and_fail(weather, country)
    assert [await count(weather, t) for t in (Station.__table__, outbox, audit)] == [0, 0, 0]


async def _open_early_and_fail(weather: Harness, country: UUID) -> None:
    async with weather.begin() as transaction:
        station = Station(name="Pulkovo", country=country, degrees=0)
        transaction.add(station)
        transaction.emit(station.open())
        await transaction.relieve()
        raise RuntimeError
