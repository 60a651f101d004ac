"""Events that could not be handled: put aside with their key, until they are replayed or discarded.

Every function works in its caller's transaction.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
import structlog
from sqlalchemy import delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.ids import new_id
from florin_chassis.road.messages import Record
from florin_chassis.stating import state
from florin_chassis.tables import parked_events
from florin_contracts.envelope import Envelope, schema_id

_ERROR_CHARACTERS_MAX: Final = 2_000
_LETTER_BYTES_MAX: Final = 400_000
"""Of a dead letter: an event takes no more than half a megabyte."""
_HELD: Final = text(
    "SELECT key, bool_and(replay_requested_at IS NOT NULL) FROM parked_events"
    " WHERE topic = :topic AND key = ANY (CAST(:keys AS text[])) GROUP BY key"
)
BEHIND: Final = "follows a parked event of its key"
_log = structlog.get_logger(__name__)


async def park(
    session: AsyncSession, service: str, record: Record, error: str, *, replayed: bool = False
) -> None:
    """Put a record aside as it came, and state so on the service's topic of dead letters.

    `replayed`: the events of its key before it are about to be replayed, and so will it be.
    """
    row: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": key_of(record),
        "headers": [[readable(name.encode()), readable(value)] for name, value in record.headers],
        "value": record.value,
        "error": error[:_ERROR_CHARACTERS_MAX],
        "replay_requested_at": datetime.now(UTC) if replayed else None,
    }
    await session.execute(insert(parked_events).values(row))
    _state_dead_letter(session, service, record, row)


async def parked_keys(session: AsyncSession, records: Sequence[Record]) -> dict[str, bool]:
    """The keys among these records of one topic that wait behind a parked event.

    The value says whether that event is about to be replayed.
    """
    if not records:
        return {}
    keys = list({key_of(record) for record in records})
    held = await session.execute(_HELD, {"topic": records[0].topic, "keys": keys})
    return dict(held.all())


async def count_parked(session: AsyncSession) -> int:
    """How many events wait."""
    return await session.scalar(select(func.count()).select_from(parked_events)) or 0


async def request_replay(session: AsyncSession, ids: Iterable[int]) -> int:
    """Let the consumer apply these events again: each with all that wait of its key, in order.

    Returns how many events will be tried; 0 when none of the ids is parked.
    """
    keys = select(parked_events.c.topic, parked_events.c.key).where(
        parked_events.c.id.in_(list(ids))
    )
    queues = tuple_(parked_events.c.topic, parked_events.c.key).in_(keys)
    request = update(parked_events).where(queues).values(replay_requested_at=func.now())
    requested = await session.scalars(request.returning(parked_events.c.id))
    return len(requested.all())


async def discard(session: AsyncSession, ids: Iterable[int], who: str) -> int:
    """Give these events up for good; the log keeps what they were and `who` decided it.

    Returns how many were discarded. What waits behind them goes on waiting for a replay.
    """
    gone = delete(parked_events).where(parked_events.c.id.in_(list(ids)))
    columns = ("topic", "partition", "offset", "key", "error")
    rows = await session.execute(gone.returning(*(parked_events.c[name] for name in columns)))
    discarded = rows.mappings().all()
    for row in discarded:
        _log.warning("parked event discarded", who=who, **row)
    return len(discarded)


async def forget(session: AsyncSession, keys: Iterable[str]) -> None:
    """Let go of what is parked of erased aggregates: it holds their data, and nobody mends it."""
    gone = delete(parked_events).where(parked_events.c.key.in_(list(keys)))
    rows = await session.scalars(gone.returning(parked_events.c.key))
    for key in sorted(set(rows)):
        _log.warning("parked events erased with their aggregate", key=key)


def key_of(record: Record) -> str:
    """The record's key as it is stored; an empty one if it has none."""
    return readable(record.key) or ""


def readable(raw: bytes | None) -> str | None:
    """Readable, and storable: PostgreSQL's text holds no NUL."""
    return None if raw is None else raw.decode(errors="replace").replace("\x00", "\ufffd")


def _state_dead_letter(
    session: AsyncSession, service: str, record: Record, row: dict[str, Any]
) -> None:
    subject, sequence = _of(record, row["key"])
    type_ = f"florin.{service}.dead-letters.parked.v1"
    envelope = Envelope(
        id=new_id(),
        source=f"florin/{service}",
        type=type_,
        subject=subject,
        time=datetime.now(UTC),
        sequence=sequence,
        dataschema=schema_id(type_),
        actor=f"service/{service}",
    )
    state(session.sync_session, f"{service}-dead-letters", envelope, _letter(row))


def _letter(row: dict[str, Any]) -> str:
    """The record again, as JSON; without headers and value where they do not fit into an event."""
    value = None if row["value"] is None else base64.b64encode(row["value"]).decode()
    letter = {name: row[name] for name in ("topic", "partition", "offset", "key", "error")}
    whole = orjson.dumps({**letter, "headers": row["headers"], "value": value, "complete": True})
    if len(whole) <= _LETTER_BYTES_MAX:
        return whole.decode()
    letter["key"] = letter["key"][:_ERROR_CHARACTERS_MAX]
    return orjson.dumps({**letter, "headers": [], "value": None, "complete": False}).decode()


def _of(record: Record, key: str) -> tuple[UUID, int]:
    """The subject and sequence of the event, or of what only its key is known."""
    try:
        envelope = Envelope.from_headers(record.headers)
    except ValueError:
        return _subject(key), 1
    return envelope.subject, envelope.sequence


def _subject(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        return uuid5(NAMESPACE_URL, key)
