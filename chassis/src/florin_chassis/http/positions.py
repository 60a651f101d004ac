"""Read your writes: an answer carries a position, and a request that brings it waits for it."""

import asyncio
import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlalchemy import func, select

from florin_chassis.errors import Malformed
from florin_chassis.runtime import Runtime
from florin_chassis.tables import inbox
from florin_chassis.transaction import Transaction

POSITION: Final = "Florin-Position"
"""`<topic>/<event id>`, comma separated: the last event of each topic that a write stated."""

STALE: Final = "Florin-Stale"
"""`true` on an answer that could not wait long enough for its position."""

_POLL_S: Final = 0.005
_POSITIONS_MAX: Final = 16


def position_of(transaction: Transaction) -> str:
    """The position that a transaction's facts reached."""
    last = {fact.event.topic: event_id for fact, event_id in transaction.facts}
    return ",".join(f"{topic}/{event_id}" for topic, event_id in last.items())


def _awaited(header: str, topics: frozenset[str]) -> set[UUID]:
    positions = [part.strip().rpartition("/") for part in header.split(",") if part.strip()]
    if len(positions) > _POSITIONS_MAX:
        raise Malformed.field(POSITION, f"names more than {_POSITIONS_MAX} events")
    try:
        return {UUID(event_id) for topic, _, event_id in positions if topic in topics}
    except ValueError as error:
        raise Malformed.field(POSITION, "is none that a write has returned") from error


async def wait_for_position(request: Request, runtime: Runtime) -> bool:
    """Wait until this service has handled the events of the request's position.

    Returns whether it has; `False` after `position_wait_ms_max` milliseconds. Events whose effects
    cannot be read here are nothing to wait for.
    """
    awaited = _awaited(request.headers.get(POSITION, ""), runtime.awaits)
    deadline = time.monotonic() + runtime.settings.position_wait_ms_max / 1000
    while awaited and not await _received(runtime, awaited):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_POLL_S)
    return True


async def _received(runtime: Runtime, event_ids: Iterable[UUID]) -> bool:
    wanted = list(event_ids)
    count = select(func.count()).where(inbox.c.event_id.in_(wanted))
    async with runtime.database.engine.connect() as connection:
        return await connection.scalar(count) == len(wanted)
