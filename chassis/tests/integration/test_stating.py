"""Events travel with the COMMIT: whatever they hold, all of a transaction's or none."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from chassis.tests.weather.models import (
    Reading,
    Station,
    StationOpened,
    TemperatureMeasured,
    WeatherRemarked,
    measure,
    open_station,
    remark,
)
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis import database
from florin_chassis.actor import Actor
from florin_chassis.driver import literal
from florin_chassis.errors import Malformed
from florin_chassis.stating import EVENT_BYTES_MAX, EventTooLarge
from florin_chassis.tables import audit, outbox
from florin_chassis.testing.harness import ADMINISTRATOR, Harness
from florin_chassis.transaction import transact
from florin_contracts.envelope import Envelope

HOSTILE = "O'Hara\\'; DROP TABLE outbox; -- \\\\ $1 :x %s \" \n \u2028 \U0001f327 E'"


async def count(weather: Harness) -> list[int]:
    """Stations, outbox rows and audit rows."""
    async with weather.runtime.database.engine.connect() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (Station.__table__, outbox, audit)
        ]


async def test_whatever_an_event_says_is_kept_to_the_letter(
    weather: Harness, country: UUID
) -> None:
    actor = Actor("user/test", on_behalf_of=HOSTILE, reason=HOSTILE, everywhere=True)
    begin = weather.runtime.begin_as(actor)
    station = await open_station(HOSTILE, country, begin)
    await remark(station.id, HOSTILE, begin)
    (event,) = await weather.stated(WeatherRemarked)
    assert (event["data"]["name"], event["data"]["remark"]) == (HOSTILE, HOSTILE)
    assert (event["envelope"]["onbehalfof"], event["envelope"]["reason"]) == (HOSTILE, HOSTILE)
    async with weather.runtime.database.engine.connect() as connection:
        acts = (await connection.execute(select(audit).order_by(audit.c.sequence))).all()
    assert [(act.on_behalf_of, act.reason) for act in acts] == [(HOSTILE, HOSTILE)] * 2


async def test_the_audit_row_and_the_event_say_the_same(weather: Harness, country: UUID) -> None:
    await open_station("Pulkovo", country, weather.begin)
    (event,) = await weather.stated(StationOpened)
    envelope = Envelope.model_validate(event["envelope"])
    async with weather.runtime.database.engine.connect() as connection:
        act = (await connection.execute(select(audit))).one()
    said = (act.event_id, act.at, act.actor, act.act, act.subject, act.sequence)
    assert said == (
        envelope.id,
        envelope.time,
        envelope.actor,
        envelope.type,
        envelope.subject,
        envelope.sequence,
    )
    assert act.trace_id == (envelope.traceparent.split("-")[1] if envelope.traceparent else None)


@pytest.mark.parametrize("conforming", ["on", "off"])
async def test_a_literal_is_its_text_again(weather: Harness, conforming: str) -> None:
    async with weather.runtime.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(f"SET standard_conforming_strings = {conforming}")
        for value in (HOSTILE, "", "'", "''", "\\", "\\'", "\\\\'", "a\\x00b", "$$", None):
            assert await driver.fetchval(f"SELECT {literal(value)}::text") == value
        await connection.invalidate()


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_no_text_gets_out_of_its_literal(value: str) -> None:
    quoted = literal(value)
    escaped = quoted.startswith(" E")
    body = quoted.removeprefix(" E")[1:-1]
    assert body.replace("''", "").count("'") == 0
    unescaped = body.replace("\\\\", "\\") if escaped else body
    assert unescaped.replace("''", "'") == value
    assert escaped == ("\\" in value)


async def test_a_reason_that_cannot_be_stored_is_malformed(weather: Harness, country: UUID) -> None:
    begin = weather.runtime.begin_as(Actor("user/test", reason="a\x00b", everywhere=True))
    with pytest.raises(Malformed):
        await open_station("Pulkovo", country, begin)
    assert await count(weather) == [0, 0, 0]


async def test_an_event_that_is_too_large_is_refused_and_nothing_is_written(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    headers = weather.signed_in("stations:write", everywhere=True)
    path = f"/stations/{station.id}/remarks"
    answer = await weather.http.post(path, json={"remark": "ж" * 300_000}, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "event_too_large"
    assert answer.json()["limit"] == EVENT_BYTES_MAX
    assert await count(weather) == [1, 1, 1]


async def test_the_largest_event_is_one_byte_shorter_than_one_that_is_refused(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    with pytest.raises(EventTooLarge) as refused:
        await remark(station.id, "x" * EVENT_BYTES_MAX, weather.begin)
    too_many = int(refused.value.detail.split(" would have ")[1].split()[0]) - EVENT_BYTES_MAX
    with pytest.raises(EventTooLarge):
        await remark(station.id, "x" * (EVENT_BYTES_MAX - too_many + 1), weather.begin)
    await remark(station.id, "x" * (EVENT_BYTES_MAX - too_many), weather.begin)
    assert await count(weather) == [1, 2, 2]


async def test_a_commit_whose_event_cannot_be_written_commits_nothing(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    engine = weather.runtime.database.engine
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE audit SET sequence = 2"))
    with pytest.raises(IntegrityError):
        await measure(station.id, 5, weather.begin)
    assert await count(weather) == [1, 1, 1]
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE audit SET sequence = 1"))
    assert (await measure(station.id, 6, weather.begin)).version == 2
    assert await count(weather) == [1, 2, 2]


def session_of(weather: Harness) -> AsyncSession:
    return weather.runtime.database.session(ADMINISTRATOR)


async def state_opening(session: AsyncSession, name: str, country: UUID) -> None:
    async with transact(session, "weather", ADMINISTRATOR) as transaction:
        station = Station(name=name, country=country, degrees=0)
        transaction.add(station)
        transaction.emit(station.open())


async def test_what_a_rolled_back_savepoint_stated_is_not_stated(
    weather: Harness, country: UUID
) -> None:
    async with session_of(weather) as session:
        await state_opening(session, "before", country)
        async with session.begin_nested() as savepoint:
            await state_opening(session, "undone", country)
            await savepoint.rollback()
        async with session.begin_nested():
            await state_opening(session, "within", country)
        await state_opening(session, "after", country)
        await session.commit()
    stated = [event["data"]["name"] for event in await weather.stated(StationOpened)]
    assert stated == ["before", "within", "after"]


@pytest.mark.parametrize("end", ["rollback", "close"])
async def test_a_session_that_goes_on_after_a_rollback_states_nothing_of_before(
    weather: Harness, country: UUID, end: str
) -> None:
    async with session_of(weather) as session:
        await state_opening(session, "undone", country)
        await getattr(session, end)()
        await state_opening(session, "done", country)
        await session.commit()
    assert [event["data"]["name"] for event in await weather.stated(StationOpened)] == ["done"]


async def test_a_failed_transaction_cannot_be_committed_by_mistake(weather: Harness) -> None:
    async with weather.runtime.database.engine.connect() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS lost (id int)"))
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        with pytest.raises(Exception, match="division by zero"):
            await driver.execute("SELECT 1 / 0")
        with pytest.raises(DBAPIError, match="rolled back"):
            await connection.commit()


_FIELDS = b"SFATAL\x00C57P01\x00Mterminating connection due to administrator command\x00\x00"
TERMINATING = b"E" + (len(_FIELDS) + 4).to_bytes(4, "big") + _FIELDS
"""The ErrorResponse of a backend that is told to end, as PostgreSQL's protocol has it."""


def end_every_connection(database_url: str) -> int:
    """As a restart of PostgreSQL does; the event loop, which stands still, knows nothing of it."""
    with psycopg.connect(database_url.replace("+asyncpg", ""), autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return ended[0] if ended else 0


async def test_a_connection_that_the_server_has_ended_is_replaced(
    weather: Harness, country: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_station("Pulkovo", country, weather.begin)
    monkeypatch.setattr(database, "IDLE_S_MAX", -1.0)  # as if it had not been used for long
    assert end_every_connection(weather.runtime.settings.database_url.get_secret_value()) > 0
    await open_station("Domodedovo", country, weather.begin)
    assert await count(weather) == [2, 2, 2]


async def test_a_connection_that_is_known_to_be_closed_is_never_handed_out(
    weather: Harness, country: UUID
) -> None:
    async with weather.runtime.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.terminate()
    await open_station("Pulkovo", country, weather.begin)
    assert await count(weather) == [1, 1, 1]


async def test_a_connection_that_the_server_is_just_ending_is_discarded(
    weather: Harness, country: UUID
) -> None:
    async with weather.runtime.database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        # The message has come, the end of the stream has not: nobody knows it to be closed yet.
        driver._protocol.data_received(TERMINATING)
    with pytest.raises(DBAPIError) as refused:
        await open_station("Pulkovo", country, weather.begin)
    assert database.is_transient(refused.value)
    await open_station("Domodedovo", country, weather.begin)
    assert await count(weather) == [1, 1, 1]


async def test_a_row_that_is_written_last_is_there_with_the_event_or_not_at_all(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    async with weather.begin() as transaction:
        transaction.emit((await transaction.get(Station, station.id)).measure(7))
        transaction.write_last(Reading(id=1, station=station.id, degrees=7))
        assert await readings(transaction.session) == []
    async with weather.runtime.database.session(ADMINISTRATOR) as session:
        assert await readings(session) == [7]
    async with weather.begin() as transaction:
        transaction.emit((await transaction.get(Station, station.id)).measure(8))
        transaction.write_last(Reading(id=1, station=station.id, degrees=8))  # the key again
        with pytest.raises(DBAPIError):
            await transaction.commit()
        await transaction.session.rollback()
        transaction.facts.clear()
    async with weather.runtime.database.session(ADMINISTRATOR) as session:
        assert await readings(session) == [7]
    assert [event["data"]["degrees"] for event in await weather.stated(TemperatureMeasured)] == [7]


async def test_what_is_written_early_is_part_of_the_transaction_all_the_same(
    weather: Harness, country: UUID
) -> None:
    async with weather.begin() as transaction:
        transaction.write_last(Reading(id=1, station=country, degrees=7))
        await transaction.relieve()
        async with weather.runtime.database.session(ADMINISTRATOR) as session:
            assert await readings(session) == []
        await transaction.session.rollback()
    async with weather.runtime.database.session(ADMINISTRATOR) as session:
        assert await readings(session) == []


async def test_what_cannot_be_kept_is_refused_before_it_is_sent(weather: Harness) -> None:
    with pytest.raises(TypeError, match=r"readings\.degrees"):
        async with weather.begin() as transaction:
            transaction.write_last(Reading(id=1, degrees=1.5))


async def readings(session: AsyncSession) -> list[int]:
    return list(await session.scalars(select(Reading.degrees).order_by(Reading.degrees)))
