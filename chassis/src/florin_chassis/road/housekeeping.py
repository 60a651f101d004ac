"""Removes what has served: published outbox partitions, old inbox rows and kept answers."""

from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import text

from florin_chassis.road.partitions import drop_partitions, make_partitions
from florin_chassis.runtime import Runtime

_BATCH = 10_000
"""Rows a statement: small enough that nobody waits for its locks or its WAL."""

_STATEMENTS = {
    "inbox": "DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox"
    " WHERE received_at < :before LIMIT :batch)",
    "idempotency_records": "DELETE FROM idempotency_records WHERE (actor, key) IN (SELECT actor,"
    " key FROM idempotency_records WHERE answered_at < :before LIMIT :batch)",
}
_log = structlog.get_logger(__name__)


async def tidy(runtime: Runtime) -> None:
    """Delete what is past its retention, batch by batch, each in a transaction of its own.

    Of the outbox go whole days, and days to come are made.
    """
    settings = runtime.settings
    await make_partitions(runtime.database.engine)
    kept = timedelta(hours=settings.outbox_retention_hours)
    await drop_partitions(runtime.database.engine, datetime.now(UTC) - kept)
    ages = {
        "inbox": timedelta(days=settings.inbox_retention_days),
        "idempotency_records": timedelta(hours=settings.idempotency_retention_hours),
    }
    for table, age in ages.items():
        removed = await _delete(runtime, _STATEMENTS[table], datetime.now(UTC) - age)
        _log.info("tidied", table=table, removed=removed)


async def _delete(runtime: Runtime, statement: str, before: datetime) -> int:
    removed = 0
    while True:
        async with runtime.database.engine.begin() as connection:
            done = await connection.execute(text(statement), {"before": before, "batch": _BATCH})
        removed += done.rowcount
        if done.rowcount < _BATCH:
            return removed
