"""Asks a consumer to handle parked events again, and watches what becomes of each."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from florin_chassis.road.parking import request_replay
from florin_chassis.tables import parked_events as parked
from florin_operations.errors import WrongUsage

_LOOK_EVERY_S: Final = 0.2


@dataclass(frozen=True)
class Outcome:
    """What became of one event: handled, failed, behind a failed one, or waiting still."""

    id: int
    outcome: str
    error: str | None = None


async def replay_and_wait(
    engine: AsyncEngine, service: str, ids: Sequence[int], deadline: float
) -> list[Outcome]:
    """Request a replay, and wait until it is over for every event of these keys, or too late."""
    async with AsyncSession(engine) as session:
        asked = await _queues(session, ids)
        if missing := set(ids) - set(asked):
            one = min(missing)
            raise WrongUsage(f"{service} has no parked event {one}: it was replayed or discarded")
        await request_replay(session, ids)
        await session.commit()
        while True:
            outcomes = await _look(session, asked)
            over = all(one.outcome != "waiting" for one in outcomes)
            if over or time.monotonic() > deadline:
                return outcomes
            await asyncio.sleep(_LOOK_EVERY_S)


async def _queues(session: AsyncSession, ids: Sequence[int]) -> list[int]:
    """All events that wait of the keys of these, in their order."""
    keys = select(parked.c.topic, parked.c.key).where(parked.c.id.in_(ids))
    same = tuple_(parked.c.topic, parked.c.key).in_(keys)
    return list(await session.scalars(select(parked.c.id).where(same).order_by(parked.c.id)))


async def _look(session: AsyncSession, asked: Sequence[int]) -> list[Outcome]:
    columns = (parked.c.id, parked.c.topic, parked.c.key, parked.c.error)
    requested = parked.c.replay_requested_at
    query = select(*columns, requested).where(parked.c.id.in_(asked)).order_by(parked.c.id)
    left = {row.id: row for row in await session.execute(query)}
    await session.commit()  # the next look is to see what is committed by then
    heads = {(row.topic, row.key): row.id for row in reversed(left.values())}
    return [_outcome(id_, left.get(id_), heads) for id_ in asked]


def _outcome(id_: int, row: Any, heads: Mapping[tuple[str, str], int]) -> Outcome:
    """Of what is still there, only the head of its key was tried."""
    if row is None:
        return Outcome(id_, "handled")
    if row.replay_requested_at:
        return Outcome(id_, "waiting")
    if heads[row.topic, row.key] == id_:
        return Outcome(id_, "failed", row.error)
    return Outcome(id_, "behind", row.error)
