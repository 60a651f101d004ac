"""Moves committed outbox rows to Kafka: at least once, each aggregate's in commit order.

Delivery is confirmed by `relay_cursors`, which moves on only after every event up to it was
acknowledged by all in-sync replicas. After a crash the rows above it are sent again; consumers
drop duplicates by event id. Why it polls: `docs/decisions/0006-relay-by-gap-aware-polling.md`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_chassis.metrics import OUTBOX_POSITION, RELAYED
from florin_chassis.road.gaps import Gap, Window
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import happened
from florin_contracts.envelope import CONTENT_TYPE

_COLUMNS = "id, topic, subject, envelope, data"
_NEW = text(f"SELECT {_COLUMNS} FROM outbox WHERE id > :highest ORDER BY id LIMIT :limit")  # noqa: S608
_LATE = text(  # the two arrays are the bounds of gaps
    f"SELECT {_COLUMNS} FROM unnest(CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) g(a, z)"  # noqa: S608
    " JOIN outbox ON id BETWEEN a AND z ORDER BY id"
)
_HOLDERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'outbox'::regclass AND mode = 'RowExclusiveLock'"
)
_READ_CURSOR = text("SELECT position FROM relay_cursors WHERE reader = 'facts'")
_MOVE_CURSOR = text(
    "INSERT INTO relay_cursors (reader, position) VALUES ('facts', :position) ON CONFLICT (reader)"
    " DO UPDATE SET position = excluded.position WHERE relay_cursors.position < excluded.position"
)
_LEASE = text("SELECT pg_try_advisory_lock(hashtextextended('florin.relay', 0))")
_log = structlog.get_logger(__name__)
Row = Any


class Relay:
    """One pass over the outbox after another, while this process holds the lease."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._settings = runtime.settings
        self._window = Window(0)
        self._confirmed = 0
        self.leading = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until `stopping`, then send what is committed by then and return.

        Raises on any fault; whoever supervises it starts it again, from the confirmed position.
        """
        async with self._leased(stopping) as connection, self._producer() as producer:
            if connection is None:
                return
            await self._resume(connection)
            while not stopping.is_set():
                self._runtime.committed.clear()
                if not await self._pass(connection, producer):
                    await happened(self._runtime.committed, self._settings.relay_poll_ms / 1000)
            await self._pass(connection, producer)

    @asynccontextmanager
    async def _leased(self, stopping: asyncio.Event) -> AsyncIterator[AsyncConnection | None]:
        """A connection that holds the lease; `None` when told to stop while standing by.

        The lease is the connection's: it ends with it, and a standby relay takes over.
        """
        async with self._runtime.database.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            while not await connection.scalar(_LEASE):
                if await happened(stopping, 1.0):
                    yield None
                    return
            self.leading = True
            try:
                yield connection
            finally:
                self.leading = False
                await connection.invalidate()  # never back to the pool with the lease on it

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka_bootstrap,
            client_id=f"{self._runtime.service}-relay",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=262_144,
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def _resume(self, connection: AsyncConnection) -> None:
        self._confirmed = await connection.scalar(_READ_CURSOR) or 0
        self._window = Window(self._confirmed)
        _log.info("relay leads", position=self._confirmed)

    async def _pass(self, connection: AsyncConnection, producer: AIOKafkaProducer) -> int:
        """Publish what became visible, wait for every acknowledgement, then confirm."""
        limit = self._settings.relay_batch_max
        new = {"highest": self._window.highest, "limit": limit}
        rows = (await connection.execute(_NEW, new)).all()
        late, dead = await self._look_into_gaps(connection)
        await self._publish(producer, [*late, *rows])
        self._window.see(row.id for row in late)
        self._window.bury(dead)
        self._window.see(row.id for row in rows)
        await self._confirm(connection)
        return len(rows) + len(late)

    async def _look_into_gaps(self, connection: AsyncConnection) -> tuple[Sequence[Row], list[Gap]]:
        gaps = list(self._window.gaps)
        if not gaps:
            return [], []
        holders = frozenset((await connection.execute(_HOLDERS)).scalars())
        dead = self._window.resolvable(holders)
        self._window.suspect(holders)
        bounds = {"firsts": [g.first for g in gaps], "lasts": [g.last for g in gaps]}
        return (await connection.execute(_LATE, bounds)).all(), dead

    async def _publish(self, producer: AIOKafkaProducer, rows: Sequence[Row]) -> None:
        acknowledged = [
            await producer.send(
                self._settings.topic_prefix + row.topic,
                row.data.encode(),
                key=str(row.subject).encode(),
                headers=_headers(row.envelope),
            )
            for row in rows
        ]
        for outcome in await asyncio.gather(*acknowledged, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        RELAYED.inc(len(rows))

    async def _confirm(self, connection: AsyncConnection) -> None:
        if self._window.position > self._confirmed:
            await connection.execute(_MOVE_CURSOR, {"position": self._window.position})
            self._confirmed = self._window.position
            OUTBOX_POSITION.set(self._confirmed)


def _headers(envelope: str) -> list[tuple[str, bytes]]:
    """The same headers as `Envelope.to_headers`, without building the value again."""
    attributes = orjson.loads(envelope)
    headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
    return [("ce_specversion", b"1.0"), ("content-type", CONTENT_TYPE.encode()), *headers]
