"""Removes what the log of deliveries no longer keeps, with the personal data in it."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID

import structlog
from sqlalchemy import TextClause, select, text

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_contracts.providers import WebhookStatus
from florin_providers.models import Delivery, Webhook
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
_OF_SUBJECT: Final = text(
    "DELETE FROM webhook_messages WHERE event_id IN (SELECT event_id FROM webhook_messages"
    " WHERE subject = :subject LIMIT :batch)"
)
_log = structlog.get_logger(__name__)


async def tidy_deliveries(runtime: Runtime) -> None:
    """Delete it batch by batch, each in a transaction of its own; deliveries go with messages."""
    days = cast(Settings, runtime.settings).webhook_retention_days
    before = datetime.now(UTC) - timedelta(days=days)
    for what, statement in _STATEMENTS.items():
        values = {"before": before} if ":before" in statement.text else {}
        removed = await _delete(runtime, statement, values)
        _log.info("tidied", what=what, removed=removed)
    await erase_deleted(runtime)


async def forget_deliveries(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`forget-deliveries ID…`: nothing is kept, or delivered any more, of these aggregates' events.

    Prints how many events that were. Exits with 2 on what is no id.
    """
    parser = argparse.ArgumentParser(prog="python -m florin_providers forget-deliveries")
    parser.add_argument("subjects", nargs="+", type=UUID, metavar="ID", help="of an aggregate")
    subjects = parser.parse_args(arguments).subjects
    removed = 0
    for subject in subjects:
        removed += await _delete(runtime, _OF_SUBJECT, {"subject": subject})
    sys.stdout.write(f"{removed}\n")


async def erase_deleted(runtime: Runtime) -> None:
    """A deleted webhook itself goes when its log is gone, and leaves a tombstone to its readers."""
    begin = runtime.begin_as(process_actor(runtime.service))
    async with begin() as transaction:
        logged = select(Delivery.id).where(Delivery.webhook_id == Webhook.id).exists()
        over = select(Webhook).where(Webhook.status == WebhookStatus.DELETED, ~logged)
        for webhook in await transaction.session.scalars(over.limit(_BATCH).with_for_update()):
            await transaction.erase(webhook)


async def _delete(runtime: Runtime, statement: TextClause, values: Mapping[str, object]) -> int:
    removed = 0
    while True:
        async with runtime.database.engine.begin() as connection:
            done = await connection.execute(statement, {"batch": _BATCH, **values})
        removed += done.rowcount
        if done.rowcount < _BATCH:
            return removed
