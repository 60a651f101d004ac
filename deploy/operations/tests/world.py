"""A system of two services whose databases and log a test fills by hand, breaches included."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from aiokafka import AIOKafkaProducer

from florin_chassis.ids import new_id
from florin_chassis.topic_administration import KafkaTopics, Topic
from florin_contracts.envelope import Envelope, schema_id
from florin_operations.cli import main
from florin_operations.registry import dead_letters_of, owned_by, read_by

TOPIC = "identity-user"
PARTITIONS = 3
REGISTERED = "florin.identity.user.registered.v1"


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def florin(capsys: pytest.CaptureFixture[str], *arguments: str) -> Answer:
    """Run one command in this process."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return Answer(int(ended.value.code or 0), out, err)


@dataclass(frozen=True)
class Event:
    """One event of identity's users."""

    subject: UUID
    sequence: int
    id: UUID = field(default_factory=new_id)
    cause: UUID | None = None
    type: str = REGISTERED

    @property
    def envelope(self) -> Envelope:
        return Envelope(
            id=self.id,
            source="florin/identity",
            type=self.type,
            subject=self.subject,
            time=datetime.now(UTC),
            sequence=self.sequence,
            dataschema=schema_id(self.type),
            actor="user/test",
            causationid=self.cause,
        )

    @property
    def partition(self) -> int:
        return self.subject.int % PARTITIONS


class World:
    """Identity states events of users, clients reads them. Each step of the road is one method."""

    def __init__(self, urls: dict[str, str], bootstrap: str) -> None:
        self._urls = urls
        self.bootstrap = bootstrap
        self.prefix = f"o{new_id().hex[-8:]}-"
        self.topic = self.prefix + TOPIC
        for service in urls:
            with self.connected(service) as connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS things"
                    " (id uuid PRIMARY KEY, version bigint NOT NULL)"
                )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "FLORIN_KAFKA_BOOTSTRAP": self.bootstrap,
            "FLORIN_TOPIC_PREFIX": self.prefix,
            **{f"FLORIN_{name.upper()}_DATABASE_URL": url for name, url in self._urls.items()},
        }

    def connected(self, service: str) -> psycopg.Connection[tuple[Any, ...]]:
        url = self._urls[service].replace("+asyncpg", "", 1)
        return psycopg.connect(url, autocommit=True)

    async def create_topics(self) -> None:
        names = {
            topic
            for service in ("identity", "clients")
            for topic in (*owned_by(service), *read_by(service), dead_letters_of(service))
        }
        wanted = [
            Topic(self.prefix + name, PARTITIONS if name == TOPIC else 1, 1, {}) for name in names
        ]
        async with KafkaTopics.at(self.bootstrap) as kafka:
            assert await kafka.create(wanted) == []

    def make(self, number: int) -> list[Event]:
        """The life of one new user in so many events, not stated anywhere yet."""
        subject = new_id()
        return [Event(subject, sequence) for sequence in range(1, number + 1)]

    def commit(self, *events: Event, service: str = "identity") -> None:
        """One transaction: rows, outbox and audit."""
        with self.connected(service) as connection, connection.transaction():
            for event in events:
                self.state(connection, event)
                self.audit(connection, event)
                self.row(connection, event)

    def state(self, connection: psycopg.Connection[Any], event: Event) -> None:
        connection.execute(
            "INSERT INTO outbox (topic, subject, sequence, envelope, data)"
            " VALUES (%s, %s, %s, %s, '{}')",
            (
                TOPIC,
                event.subject,
                event.sequence,
                event.envelope.model_dump_json(exclude_none=True),
            ),
        )

    def audit(self, connection: psycopg.Connection[Any], event: Event) -> None:
        connection.execute(
            "INSERT INTO audit (event_id, at, actor, act, subject, sequence)"
            " VALUES (%s, now(), 'user/test', %s, %s, %s)",
            (event.id, event.type, event.subject, event.sequence),
        )

    def row(self, connection: psycopg.Connection[Any], event: Event) -> None:
        connection.execute(
            "INSERT INTO things VALUES (%s, %s) ON CONFLICT (id)"
            " DO UPDATE SET version = excluded.version",
            (event.subject, event.sequence),
        )

    def send(self, *events: Event, partition: int | None = None) -> None:
        """Put the events on Kafka."""
        asyncio.run(self._send(events, partition))

    async def _send(self, events: tuple[Event, ...], partition: int | None) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for event in events:
                await producer.send_and_wait(
                    self.topic,
                    b"{}",
                    key=str(event.subject).encode(),
                    headers=event.envelope.to_headers(),
                    partition=event.partition if partition is None else partition,
                )

    def send_raw(self, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        """Put a record on Kafka that no relay of ours would send."""

        async def send() -> None:
            async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
                await producer.send_and_wait(
                    self.topic, value, key=key, headers=headers, partition=0
                )

        asyncio.run(send())

    def confirm(self) -> None:
        """The relay has sent all that is committed."""
        with self.connected("identity") as connection:
            connection.execute(
                "INSERT INTO relay_cursors SELECT 'facts', max(id) FROM outbox"
                " ON CONFLICT (reader) DO UPDATE SET position = excluded.position"
            )

    def handle(self, *events: Event, service: str = "clients") -> None:
        """The consumer has had these events' effects."""
        with self.connected(service) as connection:
            for event in events:
                connection.execute("INSERT INTO inbox (event_id) VALUES (%s)", (event.id,))

    def park(self, event: Event, offset: int, service: str = "clients") -> int:
        """The consumer could not handle the event; returns the id under which it waits."""
        headers = [[name, value.decode()] for name, value in event.envelope.to_headers()]
        with self.connected(service) as connection:
            parked = connection.execute(
                'INSERT INTO parked_events (topic, partition, "offset", key, headers, value, error)'
                " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
                (
                    self.topic,
                    event.partition,
                    offset,
                    str(event.subject),
                    json.dumps(headers),
                    b'{"name": "Vega"}',
                    "ValueError('no such plan')",
                ),
            ).fetchone()
        assert parked
        return int(parked[0])

    def dead_letter(self, event: Event, offset: int, service: str = "clients") -> None:
        """The consumer has stated that it could not handle the event."""
        letter = {"topic": self.topic, "partition": event.partition, "offset": offset}
        with self.connected(service) as connection:
            connection.execute(
                "INSERT INTO outbox (topic, subject, sequence, envelope, data)"
                " VALUES (%s, %s, %s, %s, %s)",
                (
                    dead_letters_of(service),
                    event.subject,
                    event.sequence,
                    event.envelope.model_dump_json(exclude_none=True),
                    json.dumps(letter),
                ),
            )

    def move_to(self, positions: dict[int, int], service: str = "clients") -> None:
        """The consumer's positions, by partition."""
        with self.connected(service) as connection:
            for partition, next_ in positions.items():
                connection.execute(
                    "INSERT INTO consumer_positions (topic, partition, next_offset)"
                    " VALUES (%s, %s, %s) ON CONFLICT (topic, partition)"
                    " DO UPDATE SET next_offset = excluded.next_offset",
                    (self.topic, partition, next_),
                )

    def settle(self, *events: Event) -> None:
        """Let events go the whole road, after which nothing is left to do."""
        self.commit(*events)
        self.send(*events)
        self.confirm()
        self.handle(*events)
        counts = {p: sum(e.partition == p for e in events) for p in range(PARTITIONS)}
        self.move_to({partition: count for partition, count in counts.items() if count})


def caused_by(event: Event, *effects: Event) -> list[Event]:
    """The same effects, as consequences of the event."""
    return [replace(effect, cause=event.id) for effect in effects]
