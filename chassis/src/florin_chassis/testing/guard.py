"""The two-way guard: every version of a stated row has its event, every event its row and audit."""

from sqlalchemy import MetaData, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from florin_chassis.orm import Aggregate
from florin_chassis.tables import audit, outbox


async def assert_rows_match_events(engine: AsyncEngine, metadata: MetaData) -> None:
    """Raise `AssertionError` naming each zombie record, ghost message or unaudited event."""
    stated = await _versions_by_event(engine)
    async with engine.connect() as connection:
        rows = {
            row.id: (kind.__name__, row.version)
            for kind in _kinds(metadata)
            for row in await connection.execute(select(kind.id, kind.version))
        }
        acts = await connection.execute(select(audit.c.subject, audit.c.sequence))
        audited = {(act.subject, act.sequence) for act in acts}
    faults = [
        f"{name} {id_}: version {version}, events {stated.get(id_, [])}"
        for id_, (name, version) in rows.items()
        if stated.get(id_, []) != list(range(1, version + 1))
    ]
    faults += [f"ghost message of {subject}" for subject in stated.keys() - rows.keys()]
    events = {(subject, sequence) for subject, all_ in stated.items() for sequence in all_}
    faults += [f"event without audit row: {event}" for event in events ^ audited]
    assert not faults, "\n".join(faults)


def _kinds(metadata: MetaData) -> list[type[Aggregate]]:
    return [kind for kind in Aggregate.__subclasses__() if kind.metadata is metadata]  # type: ignore[attr-defined]


async def _versions_by_event(engine: AsyncEngine) -> dict[object, list[int]]:
    sequences = func.array_agg(outbox.c.sequence).label("sequences")
    query = select(outbox.c.subject, sequences).group_by(outbox.c.subject)
    async with engine.connect() as connection:
        return {row.subject: sorted(row.sequences) for row in await connection.execute(query)}
