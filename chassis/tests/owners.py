"""The owner of stations, as seen on Kafka: facts, states, and records that are neither."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.tests.roads import TOPIC
from chassis.tests.weather.models import StationOpened, StationState, TemperatureMeasured

from florin_chassis.ids import new_id
from florin_chassis.runtime import Runtime
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.event import Event
from florin_contracts.states import state_id, state_topic, state_type

PARTITIONS = 3
Headers = Sequence[tuple[str, bytes]]


@dataclass
class Owner:
    """Sends records to the topics of one test. `sequences` counts what it stated of a station."""

    road: Runtime
    producer: AIOKafkaProducer
    sequences: dict[UUID, int] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The topic of facts, with the prefix."""
        return self.road.settings.topic_prefix + TOPIC

    async def open(self, station: UUID, partition: int = 0) -> Envelope:
        """State that the station began."""
        return await self.state_fact(StationOpened, station, 0, partition)

    async def measure(self, station: UUID, degrees: int, partition: int = 0) -> Envelope:
        """State a measurement."""
        return await self.state_fact(TemperatureMeasured, station, degrees, partition)

    async def state_fact(
        self, kind: type[Event], station: UUID, degrees: int, partition: int
    ) -> Envelope:
        """State the next fact of a station."""
        self.sequences[station] = self.sequences.get(station, 0) + 1
        envelope = envelope_of(kind.type, station, self.sequences[station])
        await self.send(envelope, state_json(station, degrees), partition)
        return envelope

    async def send_again(self, envelope: Envelope, degrees: int, times: int) -> None:
        """Send the same fact again, as a relay does that was killed before it confirmed."""
        await self.send(envelope, state_json(envelope.subject, degrees), times=times)

    async def state_state(
        self, station: UUID, sequence: int, degrees: int | None, partition: int = 0
    ) -> None:
        """State a station's latest state; a tombstone without `degrees`."""
        envelope = envelope_of(state_type(TOPIC), station, sequence)
        envelope = envelope.model_copy(update={"id": state_id(envelope.id)})
        value = None if degrees is None else state_json(station, degrees)
        await self.send(envelope, value, partition, topic=state_topic(self.topic))

    async def send(
        self,
        envelope: Envelope,
        value: bytes | None,
        partition: int = 0,
        times: int = 1,
        topic: str = "",
    ) -> None:
        """Send a record as it should be, so many times."""
        key = str(envelope.subject).encode()
        for _ in range(times):
            await self.send_raw(envelope.to_headers(), value, key, partition, topic=topic)

    async def send_raw(
        self,
        headers: Headers,
        value: bytes | None,
        key: bytes | None,
        partition: int = 0,
        topic: str = "",
    ) -> None:
        """Send whatever it is."""
        await self.producer.send(
            topic or self.topic, value, key=key, partition=partition, headers=list(headers)
        )

    async def delivered(self) -> None:
        """Return when all that was sent is on Kafka."""
        await self.producer.flush()


def envelope_of(type_: str, station: UUID, sequence: int) -> Envelope:
    return Envelope(
        id=new_id(),
        source="florin/weather",
        type=type_,
        subject=station,
        time=datetime.now(UTC),
        sequence=sequence,
        dataschema=schema_id(type_),
        actor="user/x",
    )


def state_json(station: UUID, degrees: int) -> bytes:
    state = StationState(id=station, country=UUID(int=7), name="S", degrees=degrees)
    return state.model_dump_json().encode()


@asynccontextmanager
async def owner_of(road: Runtime) -> AsyncIterator[Owner]:
    """An owner that is connected, on topics that exist."""
    await make_topics(road, TOPIC)
    await make_topics(road, state_topic(TOPIC), {"cleanup.policy": "compact"})
    producer = AIOKafkaProducer(
        bootstrap_servers=road.settings.kafka_bootstrap, max_request_size=4_000_000
    )
    await producer.start()
    try:
        yield Owner(road, producer)
    finally:
        await producer.stop()


async def make_topics(road: Runtime, topic: str, configs: dict[str, str] | None = None) -> None:
    """Make a topic of this test unless it is there."""
    async with administrator(road) as admin:
        name = road.settings.topic_prefix + topic
        await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=configs or {})])


@asynccontextmanager
async def administrator(road: Runtime) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=road.settings.kafka_bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
