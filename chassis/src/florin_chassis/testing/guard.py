"""The two-way guard: every version of a stated row has its event, every event its row and audit."""

from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.orm import Aggregate, aggregates_of
from florin_chassis.tables import audit, outbox
from florin_contracts.states import state_model

_STATE = outbox.c.topic.like("%-state")
_FACT = ~_STATE & ~outbox.c.topic.like("%-dead-letters")
_TOMBSTONE = _STATE & outbox.c.data.is_(None)


async def assert_rows_match_events(engine: AsyncEngine, metadata: MetaData) -> None:
    """Raise `AssertionError` naming each zombie record, ghost message or unaudited event.

    A tombstone is the last statement about its aggregate, which has no row any more.
    """
    stated = await _versions(engine, _FACT)
    erased = await _versions(engine, _TOMBSTONE)
    for subject, tombstones in erased.items():  # one may have been stated again
        stated[subject] = [*stated.get(subject, []), *sorted(set(tombstones))]
    kept = await _kept(engine, metadata)
    rows = {id_: (type(row).__name__, row.version) for id_, row in kept.items()}
    async with engine.connect() as connection:
        acts = await connection.execute(select(audit.c.subject, audit.c.sequence))
        audited = {(act.subject, act.sequence) for act in acts}
    faults = [
        f"{name} {id_}: version {version}, events {stated.get(id_, [])}"
        for id_, (name, version) in rows.items()
        if stated.get(id_, []) != list(range(1, version + 1))
    ]
    faults += [
        f"{id_}: tombstone {max(tombstones)}, events {stated[id_]}"
        for id_, tombstones in erased.items()
        if stated[id_] != list(range(1, max(tombstones) + 1))
    ]
    faults += [f"row and tombstone of {id_}" for id_ in rows.keys() & erased.keys()]
    faults += [f"ghost message of {id_}" for id_ in stated.keys() - rows.keys() - erased.keys()]
    events = {(subject, sequence) for subject, all_ in stated.items() for sequence in all_}
    faults += [f"event without audit row: {event}" for event in events ^ audited]
    faults += await _unlike_their_facts(engine, kept)
    assert not faults, "\n".join(faults)


async def _kept(engine: AsyncEngine, metadata: MetaData) -> dict[UUID, Aggregate]:
    async with AsyncSession(engine, info={"actor": process_actor("guard")}) as session:
        return {
            row.id: row
            for kind in aggregates_of(metadata)
            for row in await session.scalars(select(kind))
        }


async def _unlike_their_facts(engine: AsyncEngine, kept: dict[UUID, Aggregate]) -> list[str]:
    """Rows whose public state is another than the one that their last fact carries."""
    last = select(outbox).ext(distinct_on(outbox.c.subject)).where(_FACT)
    async with engine.connect() as connection:
        facts = await connection.execute(last.order_by(outbox.c.subject, outbox.c.sequence.desc()))
    return [
        f"{type(kept[fact.subject]).__name__} {fact.subject} is unlike its last fact"
        for fact in facts
        if fact.subject in kept
        and state_model(fact.topic).model_validate(kept[fact.subject])
        != state_model(fact.topic).model_validate_json(fact.data)
    ]


async def _versions(engine: AsyncEngine, which: ColumnElement[bool]) -> dict[UUID, list[int]]:
    sequences = func.array_agg(outbox.c.sequence).label("sequences")
    query = select(outbox.c.subject, sequences).where(which).group_by(outbox.c.subject)
    async with engine.connect() as connection:
        return {row.subject: sorted(row.sequences) for row in await connection.execute(query)}
