"""The two-way guard: every version of a stated row has its event, every event its row and audit."""

from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.orm import Aggregate, aggregates_of
from florin_chassis.tables import audit, outbox
from florin_contracts.event import event_types
from florin_contracts.states import state_model

Named: TypeAlias = tuple[str, UUID]
"""An aggregate: the topic that its facts are stated on, and its id."""

_STATE = outbox.c.topic.like("%-state")
_FACT = ~_STATE & ~outbox.c.topic.like("%-dead-letters")
_TOMBSTONE = _STATE & outbox.c.data.is_(None)
_TOPIC = func.regexp_replace(outbox.c.topic, "-state$", "").label("topic")


async def assert_rows_match_events(engine: AsyncEngine, metadata: MetaData) -> None:
    """Raise `AssertionError` naming each zombie record, ghost message or unaudited event.

    A tombstone is the last statement about its aggregate, which has no row any more.
    """
    stated = await _versions(engine, _FACT)
    erased = await _versions(engine, _TOMBSTONE)
    for named, tombstones in erased.items():  # one may have been stated again
        stated[named] = [*stated.get(named, []), *sorted(set(tombstones))]
    kept = await _kept(engine, metadata)
    faults = [
        f"{topic} {id_}: version {row.version}, events {stated.get((topic, id_), [])}"
        for (topic, id_), row in kept.items()
        if stated.get((topic, id_), []) != list(range(1, row.version + 1))
    ]
    faults += [
        f"{named}: tombstone {max(tombstones)}, events {stated[named]}"
        for named, tombstones in erased.items()
        if stated[named] != list(range(1, max(tombstones) + 1))
    ]
    faults += [f"row and tombstone of {named}" for named in kept.keys() & erased.keys()]
    faults += [f"ghost message of {named}" for named in stated.keys() - kept.keys() - erased.keys()]
    events = {(*named, sequence) for named, all_ in stated.items() for sequence in all_}
    faults += [f"event without audit row: {event}" for event in events ^ await _audited(engine)]
    faults += await _unlike_their_facts(engine, kept)
    faults += await _forgotten(engine, metadata)
    assert not faults, "\n".join(faults)


async def _kept(engine: AsyncEngine, metadata: MetaData) -> dict[Named, Aggregate]:
    async with AsyncSession(engine, info={"actor": process_actor("guard")}) as session:
        return {
            (_topic_of(kind), row.id): row
            for kind in aggregates_of(metadata)
            for row in await session.scalars(select(kind))
        }


def _topic_of(kind: type[Aggregate]) -> str:
    """Where this kind is stated: on the topic of the events that carry its state."""
    state = f"{kind.__name__}State"
    return next(
        event.topic
        for event in event_types().values()
        if any(base.__name__ == state for base in event.__mro__)
    )


async def _audited(engine: AsyncEngine) -> set[tuple[str, UUID, int]]:
    async with engine.connect() as connection:
        acts = await connection.execute(select(audit.c.act, audit.c.subject, audit.c.sequence))
    return {("-".join(act.split(".")[1:3]), subject, sequence) for act, subject, sequence in acts}


async def _forgotten(engine: AsyncEngine, metadata: MetaData) -> list[str]:
    """Facts of kinds that keep their history whose audit row has another state, or none."""
    keeping = [_topic_of(kind) for kind in aggregates_of(metadata) if kind.__history__]
    erased = select(outbox.c.subject).where(_TOMBSTONE)
    facts = select(audit.c.act, audit.c.subject, audit.c.sequence).join(
        outbox, (outbox.c.subject == audit.c.subject) & (outbox.c.sequence == audit.c.sequence)
    )
    lost = facts.where(
        _FACT,
        outbox.c.topic.in_(keeping),
        outbox.c.topic.endswith(func.concat("-", func.split_part(audit.c.act, ".", 3))),
        audit.c.state.is_distinct_from(outbox.c.data),
        outbox.c.subject.not_in(erased),
    )
    async with engine.connect() as connection:
        return [f"not in the history: {tuple(row)}" for row in await connection.execute(lost)]


async def _unlike_their_facts(engine: AsyncEngine, kept: dict[Named, Aggregate]) -> list[str]:
    """Rows whose public state is another than the one that their last fact carries."""
    aggregate = (outbox.c.topic, outbox.c.subject)
    last = select(outbox).ext(distinct_on(*aggregate)).where(_FACT)
    async with engine.connect() as connection:
        facts = await connection.execute(last.order_by(*aggregate, outbox.c.sequence.desc()))
    return [
        f"{fact.topic} {fact.subject} is unlike its last fact"
        for fact in facts
        if (named := (fact.topic, fact.subject)) in kept
        and state_model(fact.topic).model_validate(kept[named])
        != state_model(fact.topic).model_validate_json(fact.data)
    ]


async def _versions(engine: AsyncEngine, which: ColumnElement[bool]) -> dict[Named, list[int]]:
    sequences = func.array_agg(outbox.c.sequence).label("sequences")
    query = select(_TOPIC, outbox.c.subject, sequences).where(which).group_by(_TOPIC, "subject")
    async with engine.connect() as connection:
        rows = await connection.execute(query)
        return {(row.topic, row.subject): sorted(row.sequences) for row in rows}
