"""Removes what the log of deliveries no longer keeps, with the personal data in it."""

from datetime import UTC, datetime, timedelta
from typing import Final, cast

import structlog
from sqlalchemy import TextClause, text

from florin_chassis.runtime import Runtime
from florin_providers.settings import Settings

_BATCH: Final = 1_000
_STATEMENTS: Final = {
    "messages": text(
        "DELETE FROM webhook_messages WHERE event_id IN (SELECT event_id FROM webhook_messages"
        " WHERE received_at < :before LIMIT :batch)"
    ),
    "deliveries of deleted webhooks": text(
        "DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries d"
        " JOIN webhooks w ON w.id = d.webhook_id WHERE w.status = 'deleted' LIMIT :batch)"
    ),
    "lanes of deleted webhooks": text(
        "DELETE FROM webhook_lanes WHERE (webhook_id, topic, subject) IN ("
        " SELECT l.webhook_id, l.topic, l.subject FROM webhook_lanes l"
        " JOIN webhooks w ON w.id = l.webhook_id WHERE w.status = 'deleted' LIMIT :batch)"
    ),
    "secrets": text(
        "DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets"
        " WHERE valid_until < now() LIMIT :batch)"
    ),
}
_log = structlog.get_logger(__name__)


async def tidy_deliveries(runtime: Runtime) -> None:
    """Delete it batch by batch, each in a transaction of its own; deliveries go with messages."""
    days = cast(Settings, runtime.settings).webhook_retention_days
    before = datetime.now(UTC) - timedelta(days=days)
    for what, statement in _STATEMENTS.items():
        removed = await _delete(runtime, statement, before)
        _log.info("tidied", what=what, removed=removed)


async def _delete(runtime: Runtime, statement: TextClause, before: datetime) -> int:
    named = {"batch": _BATCH} | ({"before": before} if ":before" in statement.text else {})
    removed = 0
    while True:
        async with runtime.database.engine.begin() as connection:
            done = await connection.execute(statement, named)
        removed += done.rowcount
        if done.rowcount < _BATCH:
            return removed
