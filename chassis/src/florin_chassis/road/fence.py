"""The fence: how far each partition has been handled, moved in the transaction of the effects.

Kafka's committed offsets are for those who look on. What counts is `consumer_positions`: a batch
moves its partition's position on from where its consumer believes it to be, so that a consumer
that was paused while another took over writes nothing.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from florin_chassis.road.cursor import Cursor

IDLE_S_MAX: Final = 15
"""How long a paused consumer may hold a partition's lock before PostgreSQL ends its session."""

_MOVE = text(
    "UPDATE consumer_positions SET next_offset = :next_offset, last_timestamp = :last_timestamp"
    " WHERE topic = :topic AND partition = :partition AND next_offset = :believed_offset"
    " AND last_timestamp IS NOT DISTINCT FROM CAST(:believed_timestamp AS bigint)"
    " AND set_config('idle_in_transaction_session_timeout', :idle, true) IS NOT NULL"
)
_ENTER = text(
    "INSERT INTO consumer_positions (topic, partition, next_offset)"
    " VALUES (:topic, :partition, 0) ON CONFLICT DO NOTHING"
)
_READ = text(
    "SELECT next_offset, last_timestamp FROM consumer_positions"
    " WHERE topic = :topic AND partition = :partition"
)
_LOCK = text(
    "SELECT 1 FROM consumer_positions WHERE topic = :topic AND partition = :partition FOR UPDATE"
)


class Fenced(Exception):
    """Another consumer has moved the position: what was about to be written must not be."""


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a partition's position, valid only from where its consumer believes it to be."""

    topic: str
    partition: int
    believed: Cursor
    to: Cursor


async def move(session: AsyncSession, step: Move) -> None:
    """Take the step, and hold the partition until the transaction ends; raises `Fenced`."""
    values = {
        "topic": step.topic,
        "partition": step.partition,
        "believed_offset": step.believed.next_offset,
        "believed_timestamp": step.believed.last_timestamp,
        "next_offset": step.to.next_offset,
        "last_timestamp": step.to.last_timestamp,
        "idle": f"{IDLE_S_MAX}s",
    }
    moved = await session.execute(_MOVE, values)
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Fenced(f"{step.topic}/{step.partition} is no longer at {step.believed.next_offset}")


async def read_cursor(connection: AsyncConnection, topic: str, partition: int) -> Cursor:
    """Where a partition stands; at its beginning if it has never been read."""
    where = {"topic": topic, "partition": partition}
    row = (await connection.execute(_READ, where)).one_or_none()
    if row is None:
        await connection.execute(_ENTER, where)
        row = (await connection.execute(_READ, where)).one()
    return Cursor(row.next_offset, row.last_timestamp)


async def hold(session: AsyncSession, topic: str, partition: int) -> None:
    """Keep the partition's consumer from writing until the transaction ends."""
    await session.execute(_LOCK, {"topic": topic, "partition": partition})
