"""Asks a consumer to handle parked events again, and watches what becomes of each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from florin_chassis.road.parking import request_replay
from florin_chassis.tables import parked_events as parked
from florin_operations.errors import WrongUsage

_LOOK_EVERY_S: Final = 0.2


@dataclass(frozen=True)
class Outcome:
    """What became of one event: handled, failed, still behind a failed one, or waiting."""

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
    columns = (parked.c.id, parked.c.error, parked.c.replay_requested_at)
    rows = await session.execute(select(*columns).where(parked.c.id.in_(asked)))
    left = {row.id: row for row in rows}
    await session.commit()  # the next look is to see what is committed by then
    return [
        Outcome(id_, "handled")
        if id_ not in left
        else Outcome(id_, "waiting" if left[id_].replay_requested_at else "failed", left[id_].error)
        for id_ in asked
    ]
