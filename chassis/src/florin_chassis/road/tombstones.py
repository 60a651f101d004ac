"""States each tombstone once more, so that Kafka does compact away what it erases.

Kafka compacts a partition up to its active segment, and only an append makes it begin another
one, however old the active one is. In a partition where nothing follows, an erased name would stay
on disk next to its tombstone for good. The second tombstone, a compaction lag after the first, is
that append.
"""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import text

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.stating import state
from florin_contracts.envelope import Envelope, schema_id

AGAIN_AFTER: Final = timedelta(hours=25)
"""Longer than any state topic's `max_compaction_lag_ms`: then the append closes the segment."""

_BATCH: Final = 500
# A tombstone that was stated has its audit row: who erased what, when and why.
_TAKE_DUE = text(
    "WITH due AS (DELETE FROM pending_tombstones WHERE (topic, subject) IN (SELECT topic, subject"
    " FROM pending_tombstones WHERE erased_at < now() - CAST(:age AS interval)"
    " ORDER BY topic, subject LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING *)"
    " SELECT due.topic, audit.* FROM due JOIN audit USING (subject, sequence)"
    " WHERE act = regexp_replace(due.topic, '^([^-]+)-(.+)-state$', 'florin.\\1.\\2.state.v1')"
)
# While Kafka is away both tombstones would wait, and then arrive together.
_WAIT_FOR_KAFKA = text(
    "UPDATE pending_tombstones SET erased_at = now() WHERE EXISTS (SELECT FROM outbox"
    " WHERE stated_at < now() - interval '1 hour' AND id > coalesce("
    "(SELECT position FROM relay_cursors WHERE reader = 'states'), 0))"
)
_log = structlog.get_logger(__name__)


async def restate_tombstones(runtime: Runtime) -> None:
    """State the tombstones that are due, batch by batch.

    If the relay is behind, none is: the time between two begins again.
    """
    async with runtime.database.engine.begin() as connection:
        await connection.execute(_WAIT_FOR_KAFKA)
    while done := await _restate_some(runtime):
        runtime.committed.set()
        _log.info("tombstones stated again", count=done)


async def _restate_some(runtime: Runtime) -> int:
    async with runtime.database.session(process_actor(runtime.service)) as session:
        due = (await session.execute(_TAKE_DUE, {"age": AGAIN_AFTER, "batch": _BATCH})).all()
        for act in due:
            envelope = Envelope(
                id=act.event_id,
                source=f"florin/{runtime.service}",
                type=act.act,
                subject=act.subject,
                time=act.at,
                sequence=act.sequence,
                dataschema=schema_id(act.act),
                actor=act.actor,
                onbehalfof=act.on_behalf_of,
                reason=act.reason,
            )
            state(session.sync_session, act.topic, envelope, None)
        await session.commit()
    return len(due)
