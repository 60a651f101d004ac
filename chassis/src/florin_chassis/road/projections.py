"""The latest public state of other services' aggregates, kept here so that nobody is asked."""

from functools import cache
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotYet
from florin_chassis.tables import projected_states as states
from florin_contracts.envelope import Envelope
from florin_contracts.event import Event
from florin_contracts.events import event_types

S = TypeVar("S", bound=BaseModel)


@cache
def topic_of(state: type[BaseModel]) -> str:
    """The topic whose events carry this public state."""
    topics = {event.topic for event in event_types().values() if issubclass(event, state)}
    if len(topics) != 1:
        raise TypeError(f"{state.__name__} is stated on {len(topics)} topics, not on one")
    return topics.pop()


async def project(session: AsyncSession, event: Event, envelope: Envelope) -> None:
    """Keep the state that an event carries, unless a later one is kept already."""
    row = insert(states).values(
        topic=event.topic,
        id=envelope.subject,
        sequence=envelope.sequence,
        state=event.model_dump(mode="json"),
    )
    newer = states.c.sequence < row.excluded.sequence
    changes = {"sequence": row.excluded.sequence, "state": row.excluded.state}
    await session.execute(
        row.on_conflict_do_update(index_elements=["topic", "id"], set_=changes, where=newer)
    )


async def find_projected(session: AsyncSession, state: type[S], aggregate_id: UUID) -> S | None:
    """The last state that has arrived here of another service's aggregate, if any has."""
    wanted = (states.c.topic == topic_of(state)) & (states.c.id == aggregate_id)
    found = await session.scalar(select(states.c.state).where(wanted))
    return None if found is None else state.model_validate(found)


async def need_projected(session: AsyncSession, state: type[S], aggregate_id: UUID) -> S:
    """As `find_projected`, for consumers: raises `NotYet` when it has still to arrive."""
    found = await find_projected(session, state, aggregate_id)
    if found is None:
        raise NotYet(f"{state.__name__} {aggregate_id} has not arrived yet")
    return found
