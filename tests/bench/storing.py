"""What an outbox takes on disk, after its retention has done its work."""

from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
from tests.bench.backlog import NO_KAFKA, fill, plain_url, settings_of
from tests.bench.subject import running

from florin_chassis.road.housekeeping import tidy
from florin_providers.service import service

_DAYS: Final = 10
"""Over so many days, all of them past their retention, the past events are spread."""

_OLD = (
    "INSERT INTO outbox (topic, subject, sequence, envelope, data, stated_at)"
    " SELECT topic, gen_random_uuid(), 1, envelope, data,"
    " $2::timestamptz + make_interval(days => number % $3)"
    " FROM (SELECT * FROM outbox LIMIT 1) AS row, generate_series(1, $1) AS number"
)
_PUBLISHED = (
    "INSERT INTO relay_cursors (reader, position)"
    " SELECT reader, (SELECT max(id) FROM outbox) FROM unnest('{facts,states}'::text[]) AS reader"
)
_BYTES = "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('outbox')"


async def bytes_after_retention(database_url: str, past: int, live: int) -> float:
    """Of an outbox of live events, from which so many past ones have gone by `tidy`."""
    settings = settings_of(database_url, NO_KAFKA)
    async with running(service, settings) as runtime:
        await tidy(runtime)  # makes the partitions of these days
        await fill(database_url, live)
        oldest = datetime.now(UTC) - timedelta(hours=settings.outbox_retention_hours)
        await _state_long_ago(database_url, past, oldest - timedelta(days=_DAYS + 1))
        await tidy(runtime)
    events, size = await _look(database_url)
    if events != live:
        raise RuntimeError(f"{events} events are left, not {live}")
    return size


async def bytes_of_live(database_url: str, live: int) -> float:
    """Of an outbox in which there have never been any others."""
    settings = settings_of(database_url, NO_KAFKA)
    async with running(service, settings) as runtime:
        await tidy(runtime)
    await fill(database_url, live)
    _, size = await _look(database_url)
    return size


async def _state_long_ago(database_url: str, events: int, since: datetime) -> None:
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        for number in range(_DAYS):
            day, after = (since + timedelta(days=number + n) for n in (0, 1))
            await connection.execute(
                f"CREATE TABLE outbox_{day:%Y%m%d} PARTITION OF outbox"
                f" FOR VALUES FROM ('{day:%Y-%m-%d} 00:00Z') TO ('{after:%Y-%m-%d} 00:00Z')"
            )
        await connection.execute(_OLD, events, since, _DAYS)
        await connection.execute(_PUBLISHED)
    finally:
        await connection.close()


async def _look(database_url: str) -> tuple[int, int]:
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        return await connection.fetchval("SELECT count(*) FROM outbox"), await connection.fetchval(
            _BYTES
        )
    finally:
        await connection.close()
