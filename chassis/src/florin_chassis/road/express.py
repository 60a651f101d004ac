"""Batches that only keep states, in one statement: position, inbox rows and projections at once.

Most batches are such, and most are small: what the full way takes six trips for would be most of
their cost. Anything else goes the full way, in `florin_chassis.road.inbox`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from florin_chassis.road.fence import Fenced, Move
from florin_chassis.road.messages import Message
from florin_chassis.road.parking import key_of
from florin_chassis.road.projections import KEEP, Projected, latest_of

# All of it hangs on `moved`. Under the fence nobody else parks an event of this partition, so what
# `held` saw is true; a replay that ended meanwhile has at worst sent us the full way.
_EXPRESS: Final = f"""
WITH held AS (
    SELECT FROM parked_events WHERE topic = $1 AND key = ANY ($7::text[]) LIMIT 1
), moved AS (
    UPDATE consumer_positions SET next_offset = $5, last_timestamp = $6
    WHERE topic = $1 AND partition = $2 AND next_offset = $3
    AND last_timestamp IS NOT DISTINCT FROM $4::bigint AND NOT EXISTS (SELECT FROM held)
    RETURNING 1
), received AS (
    INSERT INTO inbox (event_id) SELECT unnest($8::uuid[]) WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT DO NOTHING RETURNING event_id
), stated AS (
    SELECT * FROM unnest($9::text[], $10::uuid[], $11::bigint[], $12::text[])
    AS s(topic, id, sequence, state) WHERE EXISTS (SELECT FROM moved)
), {KEEP}
SELECT EXISTS (SELECT FROM moved) AS has_moved, EXISTS (SELECT FROM held) AS is_held,
    ARRAY(SELECT event_id FROM received) AS received,
    ARRAY(SELECT id FROM kept) AS ids, ARRAY(SELECT sequence FROM kept) AS sequences
"""  # noqa: S608 - a constant


class Express:
    """Keeps the states of batches without handlers, tombstones or parked keys."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def apply(self, messages: Sequence[Message], step: Move) -> tuple[Counter[str], int]:
        """How many messages had which outcome, and how many sequences they skipped.

        Both empty when the batch has to go the full way. Raises `Fenced`, or whatever the database
        raises; with nothing written.
        """
        async with self._engine.connect() as connection:
            answer = await connection.exec_driver_sql(_EXPRESS, _values(messages, step))
            row = answer.one()
        if row.is_held:
            return Counter(), 0
        if not row.has_moved:
            raise Fenced(f"{step.topic}/{step.partition} is no longer at {step.believed}")
        return _outcomes(messages, set(row.received)), _gaps_of(messages, row)


def is_express(messages: Sequence[Message]) -> bool:
    """Whether nothing has to be called for them, and nothing erased."""
    return all(
        message.event is None and (message.projected is None or message.projected.state is not None)
        for message in messages
    )


def _values(messages: Sequence[Message], step: Move) -> tuple[object, ...]:
    rows = latest_of(message.projected for message in messages if message.projected)
    return (
        step.topic,
        step.partition,
        step.believed.next_offset,
        step.believed.last_timestamp,
        step.to.next_offset,
        step.to.last_timestamp,
        list({key_of(message.record) for message in messages}),
        [message.envelope.id for message in messages if not message.is_state],
        [row.topic for row in rows],
        [row.id for row in rows],
        [row.sequence for row in rows],
        [row.state for row in rows],
    )


def _outcomes(messages: Sequence[Message], fresh: set[UUID]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for message in messages:
        if not message.is_state and message.envelope.id not in fresh:
            outcomes["duplicate"] += 1
            continue
        fresh.discard(message.envelope.id)  # it may stand twice in one batch
        outcomes["ignored" if message.is_ignored else "handled"] += 1
    return outcomes


def _gaps_of(messages: Sequence[Message], row: Row[*tuple[Any, ...]]) -> int:
    if messages[0].is_state:
        return 0
    stated = [message.projected for message in messages if message.projected]
    return gaps(stated, dict(zip(row.ids, row.sequences, strict=True)))


def gaps(stated: Sequence[Projected], kept: Mapping[UUID, int]) -> int:
    """How many of the facts skip a sequence of their aggregate."""
    last, skipped = dict(kept), 0
    for one in stated:
        before = last.get(one.id, 0)
        skipped += one.sequence > before + 1
        last[one.id] = max(before, one.sequence)
    return skipped
