"""Applies parked events again when somebody has asked for it: key by key, each key in order."""

import asyncio
from typing import Any, Final

import structlog
from aiokafka import ConsumerRecord
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.metrics import CONSUMED, PARKED
from florin_chassis.road.fence import hold
from florin_chassis.road.inbox import Culprit, Inbox
from florin_chassis.road.messages import Reader, Record
from florin_chassis.road.parking import count_parked
from florin_chassis.road.patience import Progress, brief, passing
from florin_chassis.runtime import Runtime
from florin_chassis.tables import parked_events as parked
from florin_chassis.waiting import happened

_POLL_S: Final = 1.0
_ERROR_CHARACTERS_MAX: Final = 2_000
_log = structlog.get_logger(__name__)


class Replayer:
    """Works off the queues of parked events that a replay was requested for.

    While one of them is applied its partition's position is locked, so that an arrival of the same
    key is either parked behind it or handled after it; several replicas may do this at once.
    """

    def __init__(self, runtime: Runtime, inbox: Inbox, reader: Reader, progress: Progress) -> None:
        self._runtime, self._inbox, self._reader = runtime, inbox, reader
        self._progress = progress

    async def run(self, stopping: asyncio.Event) -> None:
        """Look for requests about every second until `stopping`."""
        while not await happened(stopping, _POLL_S):
            try:
                await self.replay_requested()
            except Exception as fault:
                if passing(fault) is None:
                    raise
                _log.warning("replays wait for the database", error=brief(fault))

    async def replay_requested(self) -> None:
        """Apply what is requested now, each key until its queue is empty or an event fails."""
        wanted = select(parked.c.topic, parked.c.key).where(
            parked.c.replay_requested_at.is_not(None)
        )
        async with self._session() as session:
            queues = (await session.execute(wanted.distinct())).all()
            PARKED.set(await count_parked(session))
        for topic, key in queues:
            while await self._replay_head(topic, key):
                pass

    async def _replay_head(self, topic: str, key: str) -> bool:
        """Apply the first of a queue; whether there may be more to apply now."""
        queue = (parked.c.topic == topic) & (parked.c.key == key)
        head = select(parked).where(queue).order_by(parked.c.id).limit(1)
        async with self._session() as session:
            row = (await session.execute(head)).one_or_none()
            if row is None:
                return False
            await hold(session, topic, row.partition)
            row = (await session.execute(head)).one_or_none()  # as it is now that it is held
            if row is None or row.replay_requested_at is None:
                return False
            try:
                await self._apply(session, row)
            except Exception as fault:  # noqa: BLE001 - whatever it was, it is kept with the event
                await session.rollback()
                return await self._failed(session, row, fault)
        CONSUMED.labels(topic, "replayed").inc()
        self._progress.made()
        _log.info("parked event replayed", id=row.id, topic=topic, key=key)
        return True

    async def _apply(self, session: AsyncSession, row: Any) -> None:
        await self._inbox.replay(session, self._reader.read(_record(row)))
        await session.execute(delete(parked).where(parked.c.id == row.id))
        await self._runtime.commit(session)

    async def _failed(self, session: AsyncSession, row: Any, fault: Exception) -> bool:
        """The new error stands with the event, and nobody asks any more; what passes is kept on."""
        error = fault.error if isinstance(fault, Culprit) else fault
        if passing(error):
            return False
        _log.error("replay failed", id=row.id, topic=row.topic, key=row.key, error=brief(error))
        told = {"error": repr(error).replace("\x00", "\ufffd")[:_ERROR_CHARACTERS_MAX]}
        await session.execute(update(parked).where(parked.c.id == row.id).values(told))
        queue = (parked.c.topic == row.topic) & (parked.c.key == row.key)
        await session.execute(update(parked).where(queue).values(replay_requested_at=None))
        await session.commit()
        return False

    def _session(self) -> AsyncSession:
        return self._runtime.database.session(process_actor(self._runtime.service))


def _record(row: Any) -> Record:
    """The record as it came from Kafka."""
    headers = [(name, None if value is None else value.encode()) for name, value in row.headers]
    return ConsumerRecord(
        topic=row.topic,
        partition=row.partition,
        offset=row.offset,
        timestamp=0,
        timestamp_type=0,
        key=row.key.encode() or None,
        value=row.value,
        checksum=None,
        serialized_key_size=len(row.key),
        serialized_value_size=len(row.value or b""),
        headers=headers,
    )
