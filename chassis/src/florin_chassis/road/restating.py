"""States aggregates again on their state topics: a state got a field, or Kafka lost its log.

The states go into the outbox, and reach Kafka behind the facts that are there already.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.ids import new_id
from florin_chassis.orm import Aggregate, topic_of_facts
from florin_chassis.runtime import Runtime
from florin_chassis.stating import state
from florin_chassis.tables import audit
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.states import state_id, state_model, state_topic, state_type

_BATCH: Final = 500
"""Rows locked at once: a use case that wants one of them waits some milliseconds."""


async def count_aggregates(
    runtime: Runtime, kind: type[Aggregate], after: UUID | None = None
) -> int:
    """How many aggregates of this kind there are, from `after` on."""
    async with _session(runtime) as session:
        count = select(func.count(kind.id)).where(_following(kind, after))
        return await session.scalar(count) or 0


async def restate(
    runtime: Runtime, kind: type[Aggregate], after: UUID | None = None
) -> AsyncIterator[tuple[int, UUID]]:
    """State every aggregate of a kind, batch by batch in the order of ids, from `after` on.

    Yields how many rows each committed batch has covered, and the last of their ids. A row is
    locked while it is stated: a change comes either before, and its result is stated here, or its
    own fact comes later. A row that someone has locked is waited for alone, holding no other.
    """
    while ids := await _next_ids(runtime, kind, after):
        busy = set(ids) - await _state(runtime, kind, ids, wait=False)
        for busy_id in busy:
            await _state(runtime, kind, [busy_id], wait=True)
        runtime.committed.set()
        after = ids[-1]
        yield len(ids), after


async def _next_ids(runtime: Runtime, kind: type[Aggregate], after: UUID | None) -> list[UUID]:
    query = select(kind.id).where(_following(kind, after)).order_by(kind.id).limit(_BATCH)
    async with _session(runtime) as session:
        return list(await session.scalars(query))


def _following(kind: type[Aggregate], after: UUID | None) -> ColumnElement[bool]:
    return true() if after is None else kind.id > after


async def _state(
    runtime: Runtime, kind: type[Aggregate], ids: Sequence[UUID], *, wait: bool
) -> set[UUID]:
    """Those of the aggregates that were stated; the others were locked, or are gone."""
    topic = topic_of_facts(kind, runtime.service)
    model = state_model(topic)
    async with _session(runtime) as session:
        present = select(kind).where(kind.id.in_(ids))
        locked = present.with_for_update(read=True, skip_locked=not wait)
        aggregates = (await session.scalars(locked)).all()
        acts = await _last_acts(session, topic, aggregates)
        for aggregate in aggregates:
            envelope = _envelope(runtime.service, topic, aggregate, acts.get(aggregate.id))
            data = _public_state(model, aggregate)
            state(session.sync_session, state_topic(topic), envelope, data)
        await session.commit()
        return {aggregate.id for aggregate in aggregates}


async def _last_acts(
    session: AsyncSession, topic: str, aggregates: Collection[Aggregate]
) -> dict[UUID, Any]:
    """Of each aggregate the audit row of its last fact: who, when, why, and the fact's id."""
    versions = [(aggregate.id, aggregate.version) for aggregate in aggregates]
    kind = func.split_part(audit.c.act, ".", 3) == topic.partition("-")[2]
    query = select(audit).where(tuple_(audit.c.subject, audit.c.sequence).in_(versions), kind)
    return {act.subject: act for act in await session.execute(query)}


def _public_state(model: type[BaseModel], aggregate: Aggregate) -> str:
    return model.model_validate(aggregate).model_dump_json()


def _envelope(service: str, topic: str, aggregate: Aggregate, act: Any | None) -> Envelope:
    """As the last fact's state has it; where nobody was noted, the service itself says so now."""
    return Envelope(
        id=state_id(act.event_id if act else new_id()),
        source=f"florin/{service}",
        type=state_type(topic),
        subject=aggregate.id,
        time=act.at if act else datetime.now(UTC),
        sequence=aggregate.version,
        dataschema=schema_id(state_type(topic)),
        actor=act.actor if act else process_actor(service).name,
        onbehalfof=act.on_behalf_of if act else None,
        reason=act.reason if act else None,
    )


def _session(runtime: Runtime) -> AsyncSession:
    return runtime.database.session(process_actor(runtime.service))
