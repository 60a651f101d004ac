"""Tables are read past the ORM without holding a connection where the next step takes long."""

from uuid import UUID

from chassis.tests.weather.models import Station, open_station
from sqlalchemy import bindparam, select

from florin_chassis.actor import Actor
from florin_chassis.plain_reading import read_rows, read_rows_apart
from florin_chassis.testing.harness import Harness

_STATIONS = Station.__table__
_NAMED = select(_STATIONS.c.id).where(_STATIONS.c.name == bindparam("name"))


async def test_what_is_read_apart_is_what_is_committed_and_holds_no_connection(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    database = weather.runtime.database
    async with database.session(Actor("nobody")) as session:
        session.add(Station(name="Never", country=country))
        await session.flush()
        assert len(await read_rows(session, _NAMED, {"name": "Never"})) == 1
        rows = await read_rows_apart(session, _NAMED, {"name": "Pulkovo"})
        assert [row.id for row in rows] == [station.id]
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert await read_rows(session, _NAMED, {"name": "Never"}) == []  # rolled back


async def test_a_connection_that_read_apart_opens_transactions_as_before(
    weather: Harness, country: UUID
) -> None:
    async with weather.runtime.database.session(Actor("nobody")) as session:
        await read_rows_apart(session, _NAMED, {"name": "Pulkovo"})
    await open_station("Pulkovo", country, weather.begin)
    async with weather.runtime.database.session(Actor("nobody")) as session:
        session.add(Station(name="Never", country=country))
        await session.flush()
        await session.rollback()
        assert await read_rows(session, _NAMED, {"name": "Never"}) == []
