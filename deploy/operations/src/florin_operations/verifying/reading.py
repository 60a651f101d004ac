"""Reads log, outbox, inboxes and audit into the evidence, page by page, up to the cut."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_operations.databases import connection_to
from florin_operations.log import Log, Record
from florin_operations.options import Scope
from florin_operations.registry import dead_letters_of, owned_by
from florin_operations.verifying.cut import Cut
from florin_operations.verifying.evidence import Evidence

_PAGE: Final = 10_000
_NO_ID: Final = UUID(int=0)
_ROWS = text(
    "SELECT id, topic, subject, sequence, (envelope::json ->> 'id')::uuid,"
    " (extract(epoch FROM stated_at) * 1000000)::bigint,"
    " (envelope::json ->> 'causationid')::uuid, CASE WHEN topic = :letters THEN data END,"
    " data IS NULL"
    " FROM outbox WHERE id > :after AND id <= :last ORDER BY id LIMIT :page"
)
_LAST_ROW = text("SELECT coalesce(max(id), 0) FROM outbox")
_INBOX = text("SELECT event_id FROM inbox WHERE event_id > :after ORDER BY event_id LIMIT :page")
_PARKED = text(
    'SELECT id, topic, partition, "offset" FROM parked_events'
    " WHERE id > :after ORDER BY id LIMIT :page"
)
_AUDIT = text(
    "SELECT event_id, subject, sequence FROM audit"
    " WHERE event_id > :after ORDER BY event_id LIMIT :page"
)
_OLDEST_ROW = text("SELECT id, stated_at FROM outbox ORDER BY id LIMIT 1")
_CLOCKS_DIFFER = timedelta(minutes=15)
"""At most, between a process that makes ids and the database that stamps its outbox rows."""


class Progress(Protocol):
    """Where a command tells how far it is."""

    def advance(self, what: str, done: int, total: int | None = None) -> None:
        """So much more of something is done, of so much in all where that is known."""
        ...


class Reader:
    """Fills the evidence with what one cut speaks of."""

    def __init__(self, scope: Scope, cut: Cut, evidence: Evidence, progress: Progress) -> None:
        self._scope, self._cut = scope, cut
        self._evidence, self._progress = evidence, progress

    async def read_log(self, log: Log) -> None:
        """Every record up to the cut, whoever wrote it."""
        total = sum(bound.end - bound.first for bound in self._cut.log.values())
        letters = {
            self._scope.installation.topic(dead_letters_of(service)): service
            for service in self._scope.services
        }
        async for records in log.read(self._cut.log):
            if service := letters.get(records[0].topic):
                values = (record.value for record in records if record.value)
                self._evidence.add("parked", [_put_aside(service, value) for value in values])
            else:
                self._evidence.add("logged", map(_logged, records))
            self._progress.advance("log", len(records), total)

    async def read_outbox(self, service: str) -> None:
        """The facts up to the relay's position."""
        await self._rows(service, 0, self._cut.relayed[service], settled=True)

    async def read_rest_of_outbox(self, service: str) -> None:
        """The facts past it, as far as they are committed now."""
        async with connection_to(self._scope.installation, service) as connection:
            last = await connection.scalar(_LAST_ROW)
        await self._rows(service, self._cut.relayed[service], last or 0, settled=False)

    async def read_inbox(self, service: str) -> None:
        """What the service has put aside or handled, and up to where."""
        positions = self._cut.consumed[service].items()
        self._evidence.add("positions", [(service, *where, next_) for where, next_ in positions])
        async with connection_to(self._scope.installation, service) as connection:
            async for rows in _pages(connection, _PARKED, 0):
                self._evidence.add("parked", [(service, *row[1:]) for row in rows])
            async for rows in _pages(connection, _INBOX, self._first_on_kafka()):
                self._evidence.add("handled", [(service, *row) for row in rows])
                self._progress.advance(f"inbox of {service}", len(rows))

    async def read_audit(self, service: str) -> None:
        """The acts of the time that the outbox remembers; those at its edge are not judged."""
        async with connection_to(self._scope.installation, service) as connection:
            oldest = (await connection.execute(_OLDEST_ROW)).one_or_none()
            if oldest is None:
                return
            from_the_start = oldest.id == 1
            first = _NO_ID if from_the_start else _first_id(oldest.stated_at - _CLOCKS_DIFFER)
            judged = _NO_ID if from_the_start else _first_id(oldest.stated_at + _CLOCKS_DIFFER)
            async for rows in _pages(connection, _AUDIT, first):
                acts = [(service, *row, row.event_id >= judged) for row in rows]
                self._evidence.add("audited", acts)
                self._progress.advance(f"audit of {service}", len(rows))

    def _first_on_kafka(self) -> UUID:
        """An id older than whatever Kafka may still hold of facts."""
        kept = self._cut.retention_ms.values()
        if not kept or min(kept) < 0:
            return _NO_ID
        return _first_id(datetime.now(UTC) - timedelta(milliseconds=max(kept)) - _CLOCKS_DIFFER)

    async def _rows(self, service: str, after: int, last: int, *, settled: bool) -> None:
        own = {name: self._scope.installation.topic(name) for name in owned_by(service)}
        bounds = {"last": last, "letters": dead_letters_of(service)}
        async with connection_to(self._scope.installation, service) as connection:
            async for rows in _pages(connection, _ROWS, after, **bounds):
                facts = [row for row in rows if row.topic in own]
                self._evidence.add(
                    "stated", [self._stated(service, own[f.topic], f, settled) for f in facts]
                )
                letters = [row[7] for row in rows if row[7] is not None]
                self._evidence.add("parked", [_put_aside(service, one) for one in letters])
                self._evidence.add("erased", [(service, row[4]) for row in rows if row[8]])
                self._progress.advance(f"outbox of {service}", len(rows))

    def _stated(self, service: str, topic: str, row: Any, settled: bool) -> tuple[Any, ...]:
        position, _, subject, sequence, event, stated_us, cause, *_ = row
        kept = stated_us > self._kept_since_us(topic)
        return service, event, topic, subject, sequence, position, stated_us, cause, settled, kept

    def _kept_since_us(self, topic: str) -> int:
        """Kafka may have removed what was stated before; a missing topic should hold everything."""
        retention_ms = self._cut.retention_ms.get(topic, -1)
        return int(time.time() * 1_000_000) - retention_ms * 1_000 if retention_ms >= 0 else -1


async def _pages(
    connection: AsyncConnection, query: TextClause, after: Any, **bounds: Any
) -> AsyncIterator[Sequence[Any]]:
    """A table in the order of its first column, so many rows a statement: no long snapshot."""
    while True:
        values = {"after": after, "page": _PAGE, **bounds}
        rows = (await connection.execute(query, values)).all()
        if rows:
            yield rows
            after = rows[-1][0]
        if len(rows) < _PAGE:
            return


def _put_aside(service: str, letter: str | bytes) -> tuple[str, str, int, int]:
    """Which record a dead letter is of: also once it was replayed or discarded."""
    content = json.loads(letter)
    return service, content["topic"], content["partition"], content["offset"]


def _first_id(moment: datetime) -> UUID:
    """The lowest UUIDv7 of a moment: ids sort by the time they were made."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _logged(record: Record) -> tuple[Any, ...]:
    """Where a record lies and what it says it is; a fault if it is none of ours."""
    where = record.topic, record.partition, record.offset
    headers = dict(record.headers)
    try:
        event = UUID(headers["ce_id"].decode())
        subject = UUID(headers["ce_subject"].decode())
        sequence, type_ = int(headers["ce_sequence"]), headers["ce_type"].decode()
    except (KeyError, ValueError, AttributeError):
        return *where, None, None, None, None, "it has no envelope"
    fault = None if record.key == str(subject).encode() else "its key is not its subject"
    return *where, event, subject, sequence, type_, fault
