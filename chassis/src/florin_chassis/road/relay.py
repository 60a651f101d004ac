"""Moves committed outbox rows to Kafka: at least once, each aggregate's in commit order.

Delivery is confirmed by `relay_cursors`, which moves on only after every event up to it was
acknowledged by all in-sync replicas. After a crash the rows above it are sent again; consumers
drop duplicates by event id. How it reads: `docs/decisions/0013-relay-by-write-ahead-log.md`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from asyncpg import Connection
from sqlalchemy import text

from florin_chassis.metrics import RELAY_DRAINED
from florin_chassis.road import slots
from florin_chassis.road.intake import Intake
from florin_chassis.road.polling import Polling
from florin_chassis.road.positions import Position, SetBack
from florin_chassis.road.publishing import Publisher
from florin_chassis.road.records import FACTS, Reader
from florin_chassis.road.sources import PollingSource, WalSource, show_mode
from florin_chassis.road.watching import Watch
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import first_of, happened

_LEASE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
# A dead relay's machine may say no goodbye: PostgreSQL notices within half a minute.
_KEEPALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '10', false),"
    " set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '4', false)"
)
_STANDBY_S = 1.0
_YIELD_S = 1.0
_SLOWER = 10
"""A reader that follows another asks so many times less often."""
_log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """The connection that held the lease is gone: another relay may lead by now."""


class Relay:
    """Publishes the outbox for one reader, while this process holds the reader's lease.

    `Relay(runtime)` publishes facts. Another reader always polls, and goes on only when the relay
    that it comes `after` has nothing to do, or every second: `Relay(runtime, STATES, after=facts)`.
    """

    def __init__(
        self, runtime: Runtime, reader: Reader = FACTS, after: "Relay | None" = None
    ) -> None:
        self._runtime = runtime
        self._settings = runtime.settings
        self._reader = reader
        self._after = after
        self.leading = False
        self._publisher: Publisher | None = None
        self.is_idle = asyncio.Event()
        self.is_idle.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until `stopping`, then send what is committed by then and return.

        Raises on any fault; whoever supervises it starts it again, from the confirmed position.
        """
        while not stopping.is_set():
            try:
                async with self._leased(stopping) as connection:
                    if connection:
                        await self._lead(connection, stopping)
            except SetBack:
                _log.info("relay starts again: its position was set back", reader=self._reader.name)

    @asynccontextmanager
    async def _leased(self, stopping: asyncio.Event) -> AsyncIterator[Connection | None]:
        """A connection that holds the lease; `None` when told to stop while standing by.

        The lease is the connection's: it ends with it, and a standby relay takes over.
        """
        async with self._runtime.database.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_KEEPALIVE)
            lease = {"name": f"florin.relay.{self._reader.name}"}
            while not await connection.scalar(_LEASE, lease):
                if await happened(stopping, _STANDBY_S):
                    yield None
                    return
            self.leading = True
            try:
                yield (await connection.get_raw_connection()).driver_connection
            finally:
                self.leading = False
                self.is_idle.set()
                if self._reader is FACTS:
                    show_mode("none")
                await connection.invalidate()  # never back to the pool with the lease on it

    async def _lead(self, connection: Connection, stopping: asyncio.Event) -> None:
        position = Position(connection, self._reader.name)
        start = await position.read()
        _log.info("relay leads", reader=self._reader.name, position=start)
        publisher = Publisher(self._settings, f"{self._runtime.service}-{self._reader.name}-relay")
        self._publisher = publisher
        intake = Intake(self._reader, publisher, start)
        slot = slots.slot_name(self._settings) if self._reader is FACTS else None
        watch = Watch(connection, intake, position, slot)
        publisher.on_progress = watch.show
        intake.while_waiting = watch.look
        async with publisher.connected():
            await first_of(
                self._relay(connection, intake, watch, stopping),
                publisher.pump(),
                _until_lost(connection),
            )

    async def _relay(
        self, connection: Connection, intake: Intake, watch: Watch, stopping: asyncio.Event
    ) -> None:
        source = await self._source(connection, intake)
        try:
            while not stopping.is_set():
                await self._give_way()
                found = await source.step()
                (self.is_idle.clear if found else self.is_idle.set)()
                await watch.look()
                if not found:
                    await source.wait()
            await self._drain(connection, intake)
            await watch.confirm()
            RELAY_DRAINED.inc(intake.sent == intake.window.highest)
        finally:
            await source.close()

    async def _drain(self, connection: Connection, intake: Intake) -> None:
        """Send what is committed by now, and wait until it is acknowledged."""
        polling = Polling(connection, intake, self._settings.relay_batch_max)
        while await polling.step() >= self._settings.relay_batch_max:
            pass
        await intake.drained()

    async def _source(self, connection: Connection, intake: Intake) -> PollingSource | WalSource:
        polling = Polling(connection, intake, self._settings.relay_batch_max)
        pause_s = self._settings.relay_poll_ms / 1000
        if self._reader is not FACTS:
            return PollingSource(polling, asyncio.Event(), pause_s * _SLOWER)
        show_mode("poll")
        table = PollingSource(polling, self._runtime.committed, pause_s)
        if self._settings.relay == "wal":
            return WalSource(self._settings, connection, intake, table)
        await slots.give_back(connection, slots.slot_name(self._settings))
        return table

    async def _give_way(self) -> None:
        if self._after:
            await happened(self._after.is_idle, _YIELD_S)


async def _until_lost(connection: Connection) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    await lost.wait()
    raise LeaseLost
