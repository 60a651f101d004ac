"""What the tests put on Kafka in the name of the clients service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from florin_contracts.clients import ClientActivated, ClientRegistered, ClientState
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.event import Event
from florin_contracts.states import state_id, state_topic, state_type

TOPIC = ClientRegistered.topic
PARTITIONS = 3


@dataclass(frozen=True)
class Record:
    """One record, well-formed or not."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]

    def but(self, **changes: Any) -> "Record":
        """The same record with another key, value or headers."""
        return Record(**(self.__dict__ | changes))


@dataclass
class Client:
    """A client's life as the service would state it: each act gives the fact, and its state."""

    name: str
    id: UUID = field(default_factory=uuid4)
    active: bool = False
    facts: list[Envelope] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        activity = "active" if self.active else "not_active"
        return {
            "id": str(self.id),
            "name": self.name,
            "country": "RU",
            "state": activity,
            "provider_ids": [],
        }

    def registered(self) -> Record:
        return self._fact(ClientRegistered)

    def activated(self) -> Record:
        self.active = True
        return self._fact(ClientActivated)

    def as_state(self) -> Record:
        """The record of the state topic for the latest fact."""
        last = self.facts[-1]
        return self._state(last, ClientState.model_validate(self.state()).model_dump_json())

    def as_tombstone(self) -> Record:
        """The same, erased."""
        return self._state(self.facts[-1], None)

    def _fact(self, event: type[Event]) -> Record:
        envelope = Envelope(
            id=uuid4(),
            source="florin/clients",
            type=event.type,
            subject=self.id,
            time=datetime.now(UTC),
            sequence=len(self.facts) + 1,
            dataschema=schema_id(event.type),
            actor="user/test",
        )
        self.facts.append(envelope)
        return _record(TOPIC, envelope, event.model_validate(self.state()).model_dump_json())

    def _state(self, fact: Envelope, data: str | None) -> Record:
        type = state_type(TOPIC)
        own = {"id": state_id(fact.id), "type": type, "dataschema": schema_id(type)}
        return _record(state_topic(TOPIC), fact.model_copy(update=own), data)


def _record(topic: str, envelope: Envelope, data: str | None) -> Record:
    value = None if data is None else data.encode()
    return Record(topic, str(envelope.subject).encode(), value, envelope.to_headers())


def header(record: Record, **changes: bytes | None) -> Record:
    """The record with some attributes of its envelope replaced, or with `None` left out."""
    headers = dict(record.headers) | {f"ce_{name}": value for name, value in changes.items()}
    return record.but(headers=[(n, v) for n, v in headers.items() if v is not None])


async def log_ends(bootstrap: str, prefix: str) -> dict[TopicPartition, int]:
    """The offset after the last record of each partition of both topics."""
    topics = (prefix + TOPIC, prefix + state_topic(TOPIC))
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets(consumer.assignment()))
    finally:
        await consumer.stop()


class Log:
    """The two topics of clients, under a prefix of their own."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")

    async def __aenter__(self) -> Self:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        compact = {"cleanup.policy": "compact"}
        states = self.prefix + state_topic(TOPIC)
        await admin.create_topics(
            [
                NewTopic(self.prefix + TOPIC, PARTITIONS, 1),
                NewTopic(states, PARTITIONS, 1, topic_configs=compact),
            ]
        )
        await admin.close()
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def put(self, *records: Record) -> set[tuple[str, int, int]]:
        """Write the records in this order; returns where each is."""
        places = set()
        for record in records:
            sent = await self._producer.send_and_wait(
                self.prefix + record.topic,
                record.value,
                key=record.key,
                headers=record.headers,
            )
            places.add((sent.topic, sent.partition, sent.offset))
        return places

    async def forget_facts(self) -> None:
        """Delete every fact, as retention does."""
        ends = await log_ends(self.bootstrap, self.prefix)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        facts = {p: end for p, end in ends.items() if p.topic == self.prefix + TOPIC}
        await admin.delete_records({p: RecordsToDelete(end) for p, end in facts.items()})
        await admin.close()
