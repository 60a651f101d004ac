"""The outbox's partitions, one a day: made ahead, and dropped whole when they have served."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from florin_chassis.database import sqlstate

DAYS_AHEAD = 7
_LOCK_TIMEOUT_MS = 100
"""Whoever comes after a waiting lock waits with it: so long at most, and not again at once."""
_TRIES = 5
_PAUSE_S = 1.0
_BATCH = 10_000
_DAILY = re.compile(r"outbox_(\d{8})")
_LOCK_NOT_AVAILABLE, _CHECK_VIOLATION = "55P03", "23514"

_TODAY = text("SELECT (now() AT TIME ZONE 'UTC')::date")
_PARTITIONS = text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    " WHERE inhparent = 'outbox'::regclass ORDER BY relname"
)
# Where no reader has begun yet this is null, and nothing counts as published.
_PUBLISHED = "(SELECT min(position) FROM relay_cursors)"
_SERVED = "SELECT max(id) IS NULL OR coalesce(max(id) <= {published}, false) FROM {name}"
_HOLDS_ONLY_OLD = text(
    "SELECT count(*) FILTER (WHERE stated_at < :before AND id <= "  # noqa: S608 - no input
    f"{_PUBLISHED}) AS old, count(*) AS total FROM outbox_default"
)
_DELETE_OLD = text(
    "DELETE FROM outbox_default WHERE id IN (SELECT id FROM outbox_default"  # noqa: S608
    f" WHERE stated_at < :before AND id <= {_PUBLISHED} LIMIT :batch)"
)
_log = structlog.get_logger(__name__)


async def make_partitions(engine: AsyncEngine) -> None:
    """Make the partitions of today and the days ahead that are missing; writers go on meanwhile."""
    async with engine.connect() as connection:
        today: date = (await connection.execute(_TODAY)).scalar_one()
        present = set(await connection.scalars(_PARTITIONS))
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)):
        name = f"outbox_{day:%Y%m%d}"
        if name not in present:
            await _with_lock(engine, name, _attach(name, day))


async def drop_partitions(engine: AsyncEngine, before: datetime) -> None:
    """Drop those all of whose rows were stated before a time, and published by every reader."""
    async with engine.connect() as connection:
        names = [name for name in await connection.scalars(_PARTITIONS) if _ended(name, before)]
    for name in names:
        async with engine.connect() as connection:
            served = await connection.scalar(text(_SERVED.format(name=name, published=_PUBLISHED)))
        if served:
            await _with_lock(engine, name, [f"DROP TABLE {name}"])
        else:
            _log.warning("kept past its time: not all of it is on Kafka", partition=name)
    await _empty_default(engine, before)


def _attach(name: str, day: date) -> list[str]:
    first, last = _midnight(day), _midnight(day + timedelta(days=1))
    return [
        f"CREATE TABLE {name} (LIKE outbox INCLUDING DEFAULTS)",
        f"ALTER TABLE outbox ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{last}')",
    ]


def _ended(name: str, before: datetime) -> bool:
    match = _DAILY.fullmatch(name)
    if not match:
        return False
    day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC)
    return day + timedelta(days=1) <= before


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()


async def _with_lock(engine: AsyncEngine, name: str, statements: Sequence[str]) -> bool:
    """Run them in one transaction that waits for no lock for long; whether that succeeded."""
    for attempt in range(_TRIES):
        if attempt:
            await asyncio.sleep(_PAUSE_S)
        try:
            async with engine.begin() as connection:
                await _bound_waiting(connection)
                for statement in statements:
                    await connection.exec_driver_sql(statement)
        except DBAPIError as error:
            if sqlstate(error) == _CHECK_VIOLATION:
                _log.warning("the default partition has rows of this day", partition=name)
                return False
            if sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
        else:
            _log.info("partition", statement=statements[-1].split(" FOR ")[0])
            return True
    _log.warning("partition in use: left to the next time", partition=name)
    return False


async def _bound_waiting(connection: AsyncConnection) -> None:
    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")


async def _empty_default(engine: AsyncEngine, before: datetime) -> None:
    """Remove old rows for which there was no partition: all at once where none is to be kept."""
    async with engine.connect() as connection:
        row = (await connection.execute(_HOLDS_ONLY_OLD, {"before": before})).one()
    if not row.old:
        return
    if row.old < row.total or not await _truncate_default(engine, before):
        removed = _BATCH
        while removed == _BATCH:
            async with engine.begin() as connection:
                arguments = {"before": before, "batch": _BATCH}
                removed = (await connection.execute(_DELETE_OLD, arguments)).rowcount


async def _truncate_default(engine: AsyncEngine, before: datetime) -> bool:
    """Give its space back at once; a delete leaves that to a later vacuum."""
    try:
        async with engine.begin() as connection:
            await _bound_waiting(connection)
            await connection.exec_driver_sql("LOCK TABLE outbox_default IN ACCESS EXCLUSIVE MODE")
            row = (await connection.execute(_HOLDS_ONLY_OLD, {"before": before})).one()
            if row.old < row.total:
                return False
            await connection.exec_driver_sql("TRUNCATE outbox_default")
    except DBAPIError as error:
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True
