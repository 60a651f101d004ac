"""Restating: every aggregate's state again, never an older one behind a newer one."""

import asyncio
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from chassis.tests.roads import until
from chassis.tests.weather.models import Station, measure, open_station
from sqlalchemy import select

from florin_chassis.cli import main
from florin_chassis.ids import new_id
from florin_chassis.restate_command import restate_command
from florin_chassis.road.records import COLUMNS, Row, headers
from florin_chassis.road.restating import restate
from florin_chassis.road.states import latest_states
from florin_chassis.tables import outbox
from florin_chassis.testing.harness import Harness
from florin_contracts.envelope import Envelope
from florin_contracts.states import is_state_topic


async def open_stations(weather: Harness, count: int, country: UUID) -> list[Station]:
    """So many stations in one transaction."""
    stations = [Station(name=f"S{n}", country=country, degrees=n) for n in range(count)]
    async with weather.begin() as transaction:
        for station in stations:
            transaction.add(station)
            transaction.emit(station.open())
    return stations


async def stated(weather: Harness, *, states: bool) -> list[Row]:
    """The outbox's rows of facts or of states, in their order."""
    query = select(*(outbox.c[name] for name in COLUMNS)).order_by(outbox.c.id)
    async with weather.runtime.database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [row for row in rows if is_state_topic(row.topic) is states]


async def restate_all(weather: Harness, after: UUID | None = None) -> list[int]:
    """How many rows each batch covered."""
    return [count async for count, _ in restate(weather.runtime, Station, after)]


def told(rows: list[Row]) -> dict[bytes, tuple[bytes | None, Envelope]]:
    """What these rows say to whoever reads the state topic, but for the trace they belong to."""
    return {
        record.key: (
            record.value,
            Envelope.from_headers(headers(record.envelope)).model_copy(
                update={"traceparent": None}
            ),
        )
        for record in latest_states(rows)
    }


async def test_every_aggregate_is_stated_as_its_last_fact_stated_it(
    weather: Harness, country: UUID
) -> None:
    stations = await open_stations(weather, 3, country)
    await measure(stations[0].id, 20, weather.begin)
    await restate_all(weather)
    states = told(await stated(weather, states=True))
    assert len(states) == 3
    assert states == told(await stated(weather, states=False))


async def test_more_aggregates_than_fit_into_a_batch_are_stated_once_each(
    weather: Harness, country: UUID
) -> None:
    stations = await open_stations(weather, 1_201, country)
    assert await restate_all(weather) == [500, 500, 201]
    subjects = [row[2] for row in await stated(weather, states=True)]
    assert sorted(subjects) == sorted(station.id for station in stations)


async def test_it_goes_on_after_an_id(weather: Harness, country: UUID) -> None:
    ids = sorted(station.id for station in await open_stations(weather, 5, country))
    await restate_all(weather, ids[2])
    assert sorted(row[2] for row in await stated(weather, states=True)) == ids[3:]


async def test_one_that_is_being_changed_is_waited_for_and_holds_up_no_other_of_its_batch(
    weather: Harness, country: UUID
) -> None:
    changing, still = await open_stations(weather, 2, country)

    async def others_are_stated() -> bool:
        return [row[2] for row in await stated(weather, states=True)] == [still.id]

    async with weather.begin() as transaction:
        transaction.emit((await transaction.get(Station, changing.id)).measure(30))
        await transaction.complete()
        restating = asyncio.ensure_future(restate_all(weather))
        await until(others_are_stated)
        assert not restating.done()
        transaction.facts.clear()
    await restating
    _, last = await stated(weather, states=True)
    assert last[2] == changing.id
    assert '"degrees":30' in last[4]


async def test_one_that_is_erased_meanwhile_is_not_stated_after_its_tombstone(
    weather: Harness, country: UUID
) -> None:
    erased, still = await open_stations(weather, 2, country)

    async def others_are_stated() -> bool:
        return [row[2] for row in await stated(weather, states=True)] == [still.id]

    async with weather.begin() as transaction:
        await transaction.erase(await transaction.get(Station, erased.id))
        await transaction.session.flush()
        restating = asyncio.ensure_future(restate_all(weather))
        await until(others_are_stated)
    await restating
    rows = await stated(weather, states=True)
    assert [(row[2], row[4] is None) for row in rows] == [(still.id, False), (erased.id, True)]


async def test_no_older_state_follows_a_newer_one_while_aggregates_change(
    weather: Harness, country: UUID
) -> None:
    stations = await open_stations(weather, 4, country)

    async def change(station: Station) -> None:
        for degrees in range(15):
            await measure(station.id, degrees, weather.begin)

    changes = asyncio.gather(*(change(station) for station in stations))
    while not changes.done():
        await restate_all(weather)
    await changes
    sequences = defaultdict(list)
    rows = [*await stated(weather, states=True), *await stated(weather, states=False)]
    for _, _, subject, envelope, _ in sorted(rows, key=lambda row: int(row[0])):
        sequences[subject].append(Envelope.model_validate_json(envelope).sequence)
    assert all(found == sorted(found) for found in sequences.values())
    assert len(rows) > len(stations) * 16, "something was restated"


async def test_the_command_states_all_kinds_and_no_unknown_one(
    weather: Harness, country: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    await open_station("Pulkovo", country, weather.begin)
    metadata = weather.service.metadata
    await restate_command(weather.runtime, metadata, [])
    await restate_command(weather.runtime, metadata, ["station", "--after", str(new_id())])
    assert len(await stated(weather, states=True)) == 1
    with pytest.raises(SystemExit) as ended:
        await restate_command(weather.runtime, metadata, ["cloud"])
    assert ended.value.code == 2
    assert "weather states no cloud: there are station" in capsys.readouterr().err


async def test_a_command_that_was_cut_short_says_how_to_go_on(
    weather: Harness, country: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    stations = await open_stations(weather, 501, country)
    ids = sorted(station.id for station in stations)
    async with weather.begin() as transaction:
        await transaction.session.get_one(Station, ids[500], with_for_update=True)
        command = asyncio.ensure_future(
            restate_command(weather.runtime, weather.service.metadata, ["station"])
        )

        async def first_batch_is_done() -> bool:
            return len(await stated(weather, states=True)) == 500

        await until(first_batch_is_done)
        command.cancel()
        with pytest.raises(asyncio.CancelledError):
            await command
    said = f"python -m florin_weather restate station --after {ids[499]}"
    assert said in capsys.readouterr().err


async def test_it_is_a_command_of_every_service(
    weather: Harness, country: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_station("Pulkovo", country, weather.begin)
    settings = weather.runtime.settings
    for name in ("kafka_bootstrap", "jwks_url", "token_issuer"):
        monkeypatch.setenv(f"FLORIN_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("FLORIN_DATABASE_URL", settings.database_url.get_secret_value())

    async def run(*arguments: str) -> None:
        with ThreadPoolExecutor(1) as thread:  # the command runs a loop of its own
            await asyncio.wrap_future(thread.submit(main, weather.service, ["restate", *arguments]))

    await run("station", "--after", str(new_id()))
    assert await stated(weather, states=True) == []
    await run()
    assert len(await stated(weather, states=True)) == 1
    with pytest.raises(SystemExit, match="2"):
        await run("cloud")
