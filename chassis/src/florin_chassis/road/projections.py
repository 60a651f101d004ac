"""The latest public state of other services' aggregates, kept here so that nobody is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound, NotYet
from florin_chassis.tables import projected_states as states
from florin_contracts.event import event_types

S = TypeVar("S", bound=BaseModel)

# One statement a batch. A tombstone wins over the state of the same sequence, whichever comes
# first; a state only over an earlier one, so that nothing erased is kept again by an older fact.
KEEP: Final = (
    "kept AS (SELECT topic, id, p.sequence FROM projected_states p JOIN stated USING (topic, id)),"
    " written AS (INSERT INTO projected_states (topic, id, sequence, state)"
    " SELECT topic, id, sequence, CAST(state AS jsonb) FROM stated ORDER BY topic, id"
    " ON CONFLICT (topic, id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state"
    " WHERE projected_states.sequence < excluded.sequence OR"
    " (projected_states.sequence = excluded.sequence AND excluded.state IS NULL))"
)
"""Keeps what `stated` has, as a part of a statement; `kept` is what was there before."""

_KEEP = text(
    "WITH stated AS (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:ids AS uuid[]),"  # noqa: S608
    " CAST(:sequences AS bigint[]), CAST(:states AS text[])) AS s(topic, id, sequence, state)),"
    f" {KEEP} SELECT topic, id, sequence FROM kept"
)


@dataclass(frozen=True, slots=True)
class Projected:
    """The state of an aggregate as of a sequence, as JSON; `None` once its owner has erased it."""

    topic: str
    id: UUID
    sequence: int
    state: str | None

    @property
    def rank(self) -> tuple[int, bool]:
        """Of two, the one to keep has the higher rank."""
        return self.sequence, self.state is None


@cache
def topic_of(state: type[BaseModel]) -> str:
    """The topic whose events carry this public state."""
    topics = {event.topic for event in event_types().values() if issubclass(event, state)}
    if len(topics) != 1:
        raise TypeError(f"{state.__name__} is stated on {len(topics)} topics, not on one")
    return topics.pop()


def latest_of(stated: Iterable[Projected]) -> list[Projected]:
    """Of each aggregate the state to keep."""
    latest: dict[tuple[str, UUID], Projected] = {}
    for one in stated:
        before = latest.get((one.topic, one.id))
        if before is None or before.rank < one.rank:
            latest[one.topic, one.id] = one
    return list(latest.values())


async def project(session: AsyncSession, stated: Iterable[Projected]) -> dict[UUID, int]:
    """Keep the latest of these states, unless a later one is kept already.

    Returns the sequences that were kept before, of those aggregates that were known.
    """
    rows = latest_of(stated)
    if not rows:
        return {}
    columns = {
        "topics": [row.topic for row in rows],
        "ids": [row.id for row in rows],
        "sequences": [row.sequence for row in rows],
        "states": [row.state for row in rows],
    }
    kept = await session.execute(_KEEP, columns)
    return {row.id: row.sequence for row in kept}


async def find_projected(session: AsyncSession, state: type[S], aggregate_id: UUID) -> S | None:
    """The last state that has arrived here of another service's aggregate, if it has any."""
    found = await _find(session, state, aggregate_id)
    return None if found is None else found[0]


async def need_projected(session: AsyncSession, state: type[S], aggregate_id: UUID) -> S:
    """As `find_projected`, for consumers: raises `NotYet` when it has still to arrive.

    Raises `NotFound` when it has been erased: nothing is left to wait for.
    """
    found = await _find(session, state, aggregate_id)
    if found is None:
        raise NotYet(f"{state.__name__} {aggregate_id} has not arrived yet")
    if found[0] is None:
        raise NotFound(f"{state.__name__} {aggregate_id} has been erased")
    return found[0]


async def _find(
    session: AsyncSession, state: type[S], aggregate_id: UUID
) -> tuple[S | None] | None:
    wanted = (states.c.topic == topic_of(state)) & (states.c.id == aggregate_id)
    row = (await session.execute(select(states.c.state).where(wanted))).one_or_none()
    if row is None:
        return None
    return (None if row.state is None else state.model_validate(row.state),)
