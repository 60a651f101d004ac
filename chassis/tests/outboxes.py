"""An outbox on real PostgreSQL whose rows a test writes itself, and what its relay made of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.tests.roads import DEADLINE_S, until
from prometheus_client import REGISTRY
from pydantic import SecretStr

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_chassis.migrations import migrate
from florin_chassis.road.relay import Relay
from florin_chassis.runtime import Runtime
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings
from florin_chassis.supervision import supervised
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier
from florin_local.postgres import Postgres

FACTS = "weather-station"
KEYS = UUID(int=4)
_INSERT = (
    "INSERT INTO outbox (topic, subject, sequence, envelope, data)"
    " VALUES ($1, $2, $3, $4, $5) RETURNING id"
)
Said = tuple[str, int]
"""Which key, and the how many-eth of it."""


def envelope(number: int) -> str:
    """As little of one as a relay needs."""
    return f'{{"id":"{new_id()}","type":"weather","sequence":{number}}}'


@dataclass
class Outbox:
    """A migrated database of its own with a connection to it, and topics of its own on Kafka."""

    runtime: Runtime
    connection: asyncpg.Connection
    stated: list[Said] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> ServiceSettings:
        return self.runtime.settings

    async def state(
        self, *keys: str, via: asyncpg.Connection | None = None, topic: str = FACTS, size: int = 0
    ) -> int:
        """State one event of each key, in their order; the last one's outbox id."""
        last = 0
        for key in keys:
            number = self._numbers[key] = self._numbers.get(key, 0) + 1
            data = f'{{"key":"{key}","number":{number},"filler":"{"x" * size}"}}'
            arguments = (topic, uuid5(KEYS, key), number, envelope(number), data)
            last = await (via or self.connection).fetchval(_INSERT, *arguments)
            if topic == FACTS:
                self.stated.append((key, number))
        return last

    async def position(self, reader: str = "facts") -> int:
        query = "SELECT position FROM relay_cursors WHERE reader = $1"
        return await self.connection.fetchval(query, reader) or 0

    async def confirmed(self, outbox_id: int) -> None:
        """Return when the relay has confirmed everything up to this id."""

        async def is_confirmed() -> bool:
            return await self.position() >= outbox_id

        await until(is_confirmed)

    async def another(self) -> asyncpg.Connection:
        """A second connection to the same database."""
        return await connect(self.settings)

    async def on_kafka_times(self, expected: Sequence[Said], times: int) -> None:
        """Return when the topic holds each of these at least so many times."""

        async def does() -> bool:
            found = Counter(await self.on_kafka(expected))
            return all(found[said] >= times for said in expected)

        await until(does)

    async def on_kafka(self, expected: Sequence[Said] = (), topic: str = FACTS) -> list[Said]:
        """What the topic holds, at least what is expected of it, each key in the log's order."""
        name = self.settings.topic_prefix + topic
        consumer = AIOKafkaConsumer(
            name,
            bootstrap_servers=self.settings.kafka_bootstrap,
            auto_offset_reset="earliest",
            group_id=None,
        )
        await consumer.start()
        found: list[Said] = []
        try:
            async with asyncio.timeout(DEADLINE_S):
                ends = await consumer.end_offsets(consumer.assignment())
                while set(expected) - set(found) or await _is_behind(consumer, ends):
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += [_said(record.value) for record in records]
        finally:
            await consumer.stop()
        return found


async def _is_behind(consumer: AIOKafkaConsumer, ends: dict[object, int]) -> bool:
    return any([await consumer.position(p) < end for p, end in ends.items()])


def _said(value: bytes) -> Said:

    data = orjson.loads(value)
    return data["key"], data["number"]


def metric(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def reads_by(expected: str) -> None:
    """Return when the metrics say that the outbox is read this way."""

    async def does() -> bool:
        return metric("florin_relay_mode", mode=expected) == 1

    await until(does)


def migrated(service: Service, settings: ServiceSettings, server: Postgres) -> ServiceSettings:
    """Settings of a migrated database on another server; made in a thread, as Alembic wants it."""
    url = SecretStr(server.create_service_database(service.name, "test"))
    there = settings.model_copy(update={"database_url": url})
    migrate(service, there)
    return there


def in_order(found: Sequence[Said]) -> bool:
    """Whether no event came before an earlier one of its key had come; again is no harm."""
    last: dict[str, int] = {}
    for key, number in found:
        if number > last.get(key, 0) + 1:
            return False
        last[key] = max(number, last.get(key, 0))
    return True


async def connect(settings: ServiceSettings) -> asyncpg.Connection:
    url = settings.database_url.get_secret_value().replace("+asyncpg", "")
    return await asyncpg.connect(url)


async def create_topic(settings: ServiceSettings, topic: str, **configs: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    await admin.create_topics(
        [NewTopic(settings.topic_prefix + topic, 3, 1, topic_configs=configs)]
    )
    await admin.close()


@asynccontextmanager
async def outbox_of(settings: ServiceSettings) -> AsyncIterator[Outbox]:
    """An emptied outbox of a migrated database, behind which nothing else runs."""
    settings = settings.model_copy(update={"topic_prefix": f"t{new_id().hex[-8:]}-"})
    await create_topic(settings, FACTS)
    connection = await connect(settings)
    await connection.execute("TRUNCATE outbox, relay_cursors RESTART IDENTITY")
    database = Database(settings)
    verifier = TokenVerifier(Issuer(), ISSUER, AUDIENCE)
    runtime = Runtime("weather", settings, database, verifier, frozenset())
    made = Outbox(runtime, connection)
    try:
        yield made
    finally:
        await database.close()
        await _give_slots_back(made.connection)
        await made.connection.close()


async def _give_slots_back(connection: asyncpg.Connection) -> None:
    slots = "FROM pg_replication_slots WHERE database = current_database()"
    await connection.execute(f"SELECT pg_terminate_backend(active_pid) {slots} AND active")

    async def given_back() -> bool:
        try:
            await connection.execute(f"SELECT pg_drop_replication_slot(slot_name) {slots}")
        except asyncpg.ObjectInUseError:
            return False
        return True

    await until(given_back)


@dataclass
class Running:
    """A relay that runs as in its process: supervised."""

    relay: Relay
    task: asyncio.Task[None]
    stopping: asyncio.Event

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.task, DEADLINE_S)

    async def kill(self) -> None:
        """As SIGKILL would: no drain, nothing confirmed, connections cut."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def start(runtime: Runtime) -> Running:
    relay, stopping = Relay(runtime), asyncio.Event()
    task = asyncio.ensure_future(supervised("relay", relay.run, stopping, asyncio.Event()))
    return Running(relay, task, stopping)


@asynccontextmanager
async def relaying(runtime: Runtime) -> AsyncIterator[Running]:
    """A relay inside the block; drained at its end."""
    running = start(runtime)
    try:
        yield running
    finally:
        await running.stop()


def with_settings(outbox: Outbox, **changes: object) -> Runtime:
    """The same runtime with other settings."""
    return replace(outbox.runtime, settings=outbox.settings.model_copy(update=changes))
