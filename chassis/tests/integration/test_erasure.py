"""An erased aggregate leaves a tombstone and who did it, and nothing of what it said."""

from uuid import UUID

import pytest
from chassis.tests.weather.models import Station, TemperatureMeasured, measure, open_station
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from florin_chassis.actor import Actor
from florin_chassis.errors import ConcurrentChange, NotFound
from florin_chassis.ids import new_id
from florin_chassis.tables import audit, outbox, pending_tombstones
from florin_chassis.testing.guard import assert_rows_match_events
from florin_chassis.testing.harness import Harness
from florin_chassis.transaction import Begin, ZombieRecord
from florin_contracts.envelope import Envelope

STATES = "weather-station-state"
TYPE = "florin.weather.station.state.v1"


async def erase(station_id: UUID, begin: Begin) -> None:
    async with begin() as transaction:
        await transaction.erase(await transaction.get(Station, station_id))


async def last_stated(weather: Harness) -> tuple[str, Envelope, str | None]:
    """Topic, envelope and data of the last row in the outbox."""
    async with weather.runtime.database.engine.connect() as connection:
        query = select(outbox).order_by(outbox.c.id.desc()).limit(1)
        row = (await connection.execute(query)).one()
    return row.topic, Envelope.model_validate_json(row.envelope), row.data


async def test_an_erasure_deletes_the_row_and_states_a_tombstone_that_says_who_and_why(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await measure(station.id, 5, weather.begin)
    officer = Actor(name="user/officer", reason="request 7", everywhere=True)
    await erase(station.id, weather.runtime.begin_as(officer))
    topic, envelope, data = await last_stated(weather)
    assert (topic, envelope.type, data) == (STATES, TYPE, None)
    assert (envelope.subject, envelope.sequence) == (station.id, 3)
    assert (envelope.actor, envelope.reason) == ("user/officer", "request 7")
    with pytest.raises(NotFound):
        await measure(station.id, 6, weather.begin)


async def test_the_audit_keeps_who_erased_what_and_none_of_its_personal_data(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await erase(station.id, weather.begin)
    async with weather.runtime.database.engine.connect() as connection:
        acts = (await connection.execute(select(audit).order_by(audit.c.sequence))).all()
    assert [act.act for act in acts][-1] == TYPE
    assert [(act.subject, act.actor) for act in acts] == [(station.id, "user/test")] * 2
    assert "Pulkovo" not in str(acts)


async def test_an_erasure_that_fails_leaves_everything_as_it_was(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(RuntimeError):
        await _erase_and_fail(weather, station.id)
    assert (await measure(station.id, 5, weather.begin)).version == 2
    assert (await last_stated(weather))[0] == TemperatureMeasured.topic
    async with weather.runtime.database.engine.connect() as connection:
        assert (await connection.execute(select(pending_tombstones))).all() == []


async def _erase_and_fail(weather: Harness, station_id: UUID) -> None:
    async with weather.begin() as transaction:
        await transaction.erase(await transaction.get(Station, station_id))
        await transaction.complete()
        raise RuntimeError("the machine stops here")


async def test_a_fact_and_the_erasure_may_be_of_one_transaction(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    async with weather.begin() as transaction:
        kept = await transaction.get(Station, station.id)
        transaction.emit(kept.measure(5))
        await transaction.erase(kept)
    assert (await last_stated(weather))[1].sequence == 3


async def test_a_deletion_without_its_tombstone_is_refused(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for fact_before in (False, True):
        with pytest.raises(ZombieRecord):
            await _delete(weather, station.id, fact_before=fact_before)


async def _delete(weather: Harness, station_id: UUID, *, fact_before: bool) -> None:
    async with weather.begin() as transaction:
        station = await transaction.get(Station, station_id)
        if fact_before:
            transaction.emit(station.measure(5))
        await transaction.session.delete(station)


async def test_nothing_can_be_stated_of_an_aggregate_after_its_erasure(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(ZombieRecord):
        await _erase_and_measure(weather, station.id)


async def _erase_and_measure(weather: Harness, station_id: UUID) -> None:
    async with weather.begin() as transaction:
        station = await transaction.get(Station, station_id)
        await transaction.erase(station)
        transaction.emit(station.measure(5))


async def test_a_stale_copy_erases_nothing(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(ConcurrentChange):
        await _erase_a_stale_copy(weather, station.id)
    assert len(await weather.stated()) == 2


async def _erase_a_stale_copy(weather: Harness, station_id: UUID) -> None:
    async with weather.begin() as transaction:
        stale = await transaction.session.get_one(Station, station_id)  # read without its lock
        await measure(station_id, 7, weather.begin)
        await transaction.erase(stale)


@pytest.mark.parametrize(
    ("rows", "outbox_rows", "seen"),
    [
        ("DELETE FROM stations", "", "ghost message"),
        (
            "UPDATE stations SET version = 1",
            "UPDATE outbox SET data = NULL, topic = topic || '-state' WHERE sequence = 2",
            "row and tombstone",
        ),
        (
            "DELETE FROM stations",
            "UPDATE outbox SET data = NULL, topic = topic || '-state' WHERE sequence = 1",
            "tombstone 1, events",
        ),
    ],
)
async def test_the_guard_sees_what_was_erased_behind_the_session(
    weather: Harness, country: UUID, rows: str, outbox_rows: str, seen: str
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await measure(station.id, 5, weather.begin)
    engine = weather.runtime.database.engine
    async with engine.begin() as connection:
        for statement in filter(None, (rows, outbox_rows)):
            await connection.execute(text(statement))
    with pytest.raises(AssertionError, match=seen):
        await assert_rows_match_events(engine, Station.metadata)
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE stations, outbox, audit"))


async def test_an_id_is_never_given_to_another_after_its_erasure(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await erase(station.id, weather.begin)
    with pytest.raises(IntegrityError, match="uq_audit_subject_sequence_kind"):
        await _open_again(weather, station)


async def _open_again(weather: Harness, station: Station) -> None:
    async with weather.begin() as transaction:
        again = Station(id=station.id, name="Vnukovo", country=station.country, degrees=0)
        transaction.add(again)
        transaction.emit(again.open())


async def test_a_name_is_free_again_after_its_erasure(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await erase(station.id, weather.begin)
    assert (await open_station("Pulkovo", country, weather.begin)).id != station.id


async def test_a_bulk_erasure_is_refused(weather: Harness) -> None:
    with pytest.raises(ZombieRecord):
        async with weather.begin() as transaction:
            await transaction.session.execute(delete(Station).where(Station.id == new_id()))
