"""The outbox's days: made before they come, dropped when they have served, in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from chassis.tests.outboxes import connect, envelope
from chassis.tests.roads import DEADLINE_S, until
from chassis.tests.weather.service import service
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.plugins.servers import SettingsFor

from florin_chassis.database import Database
from florin_chassis.road.partitions import DAYS_AHEAD, drop_partitions, make_partitions

TABLE = "outbox_20200101"
THEN = datetime(2020, 1, 1, 12, tzinfo=UTC)
NOW = datetime.now(UTC)
_STATE = (
    "INSERT INTO outbox (topic, subject, sequence, envelope, data, stated_at)"
    " SELECT 'weather-station', $1, n, $2, '{}', $3 FROM generate_series(1, $4::int) AS n"
)
_BYTES = (
    "SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits"
    " WHERE inhparent = 'outbox'::regclass"
)


@pytest.fixture
async def connection(settings_for: SettingsFor) -> AsyncIterator[asyncpg.Connection]:
    """To a migrated database with an empty outbox, which has a partition of long ago."""
    made = await connect(settings_for(service))
    await made.execute(
        f"CREATE TABLE {TABLE} PARTITION OF outbox FOR VALUES"
        " FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00')"
    )
    yield made
    await made.execute(f"DROP TABLE IF EXISTS {TABLE}")
    await made.execute("TRUNCATE outbox, relay_cursors RESTART IDENTITY")
    await made.close()


@pytest.fixture
async def engine(settings_for: SettingsFor) -> AsyncIterator[AsyncEngine]:
    database = Database(settings_for(service))
    yield database.engine
    await database.close()


async def state(connection: asyncpg.Connection, at: datetime, count: int = 1) -> None:
    await connection.execute(_STATE, uuid4(), envelope(1), at, count)


async def publish(connection: asyncpg.Connection, **readers: int) -> None:
    for reader, position in readers.items():
        await connection.execute("INSERT INTO relay_cursors VALUES ($1, $2)", reader, position)


async def partitions(connection: asyncpg.Connection) -> set[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox'::regclass"
    return {row[0] for row in await connection.fetch(query)}


async def test_a_migrated_database_has_the_days_to_come(connection: asyncpg.Connection) -> None:
    days = [f"outbox_{NOW + timedelta(days=n):%Y%m%d}" for n in range(DAYS_AHEAD + 1)]
    assert await partitions(connection) == {*days, "outbox_default", TABLE}
    await state(connection, NOW)
    assert await connection.fetchval("SELECT tableoid::regclass::text FROM outbox") == days[0]


async def test_a_missing_day_is_made_while_somebody_writes(
    connection: asyncpg.Connection, engine: AsyncEngine, settings_for: SettingsFor
) -> None:
    tomorrow = f"outbox_{NOW + timedelta(days=1):%Y%m%d}"
    await connection.execute(f"DROP TABLE {tomorrow}")
    writer = await connect(settings_for(service))
    async with writer.transaction():
        await state(writer, NOW)
        await make_partitions(engine)
        await state(writer, NOW)
    await writer.close()
    assert tomorrow in await partitions(connection)


async def test_a_day_whose_rows_went_to_the_default_partition_stays_there(
    connection: asyncpg.Connection, engine: AsyncEngine
) -> None:
    today = f"outbox_{NOW:%Y%m%d}"
    await connection.execute(f"DROP TABLE {today}")
    await state(connection, NOW)
    await make_partitions(engine)
    assert today not in await partitions(connection)
    await connection.execute("TRUNCATE outbox_default")
    await make_partitions(engine)
    assert today in await partitions(connection)


@pytest.mark.parametrize(
    ("readers", "kept"),
    [
        ({}, True),
        ({"facts": 2}, True),
        ({"facts": 3}, False),
        ({"facts": 3, "states": 2}, True),
        ({"facts": 9, "states": 3}, False),
    ],
)
async def test_a_day_is_dropped_when_every_reader_has_published_it(
    connection: asyncpg.Connection, engine: AsyncEngine, readers: dict[str, int], kept: bool
) -> None:
    await state(connection, THEN, count=3)
    await publish(connection, **readers)
    await drop_partitions(engine, NOW)
    assert (TABLE in await partitions(connection)) == kept


async def test_a_day_that_is_not_wholly_past_is_kept(
    connection: asyncpg.Connection, engine: AsyncEngine
) -> None:
    await publish(connection, facts=9)
    await drop_partitions(engine, datetime(2020, 1, 1, 23, 59, tzinfo=UTC))
    assert TABLE in await partitions(connection)
    await drop_partitions(engine, datetime(2020, 1, 2, tzinfo=UTC))
    assert TABLE not in await partitions(connection)


async def test_nobody_waits_for_a_drop_that_waits_for_somebody(
    connection: asyncpg.Connection, engine: AsyncEngine, settings_for: SettingsFor
) -> None:
    await publish(connection, facts=9)
    writer = await connect(settings_for(service))
    open_transaction = writer.transaction()
    await open_transaction.start()
    await state(writer, NOW)
    dropping = asyncio.ensure_future(drop_partitions(engine, NOW))
    written = 0
    while not dropping.done():
        await asyncio.wait_for(state(connection, NOW), DEADLINE_S)
        written += 1
        await asyncio.sleep(0)
    assert TABLE in await partitions(connection), "the drop has given up for now"
    assert written > 1
    await open_transaction.commit()
    await writer.close()
    await drop_partitions(engine, NOW)
    assert TABLE not in await partitions(connection)


async def test_what_is_old_in_the_default_partition_goes_and_what_is_young_stays(
    connection: asyncpg.Connection, engine: AsyncEngine
) -> None:
    long_ago = datetime(2019, 6, 1, tzinfo=UTC)
    in_a_year = NOW + timedelta(days=365)
    await state(connection, long_ago, count=3)
    await publish(connection, facts=2)
    await drop_partitions(engine, NOW)
    assert await connection.fetchval("SELECT array_agg(id) FROM outbox") == [3], "unpublished"
    await state(connection, in_a_year)
    await connection.execute("UPDATE relay_cursors SET position = 9")
    await drop_partitions(engine, NOW)
    assert await connection.fetchval("SELECT array_agg(id) FROM outbox") == [4], "young"


async def test_what_is_past_leaves_no_bytes(
    connection: asyncpg.Connection, engine: AsyncEngine
) -> None:
    await state(connection, NOW, count=2_000)
    live = await connection.fetchval(_BYTES)
    await state(connection, THEN, count=20_000)
    await state(connection, datetime(2019, 6, 1, tzinfo=UTC), count=20_000)
    assert await connection.fetchval(_BYTES) > 5 * live
    await publish(connection, facts=99_999)
    await drop_partitions(engine, NOW)
    assert await connection.fetchval(_BYTES) <= 1.1 * live


async def test_a_lock_is_not_waited_for_longer_than_others_can_bear(
    connection: asyncpg.Connection, engine: AsyncEngine, settings_for: SettingsFor
) -> None:
    await publish(connection, facts=9)
    blocker = await connect(settings_for(service))
    await blocker.execute("BEGIN; LOCK TABLE outbox IN ROW EXCLUSIVE MODE")
    dropping = asyncio.ensure_future(drop_partitions(engine, NOW))

    async def waits() -> bool:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    await until(waits)
    await blocker.execute("ROLLBACK")
    await dropping
    await blocker.close()
    assert TABLE not in await partitions(connection), "it tried again, and found the way free"
