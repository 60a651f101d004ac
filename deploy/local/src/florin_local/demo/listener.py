"""An outside consumer: with `florin_contracts` and aiokafka alone it hears the whole story."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from florin_contracts.envelope import Envelope, MalformedEnvelope
from florin_contracts.events import Event, published_events

_POLL_MS = 200


@dataclass(frozen=True)
class Heard:
    """One event: who stated what, and the fact itself."""

    envelope: Envelope
    event: Event


@dataclass
class Record:
    """What was heard of the aggregates that we listen for, each event once."""

    subjects: Collection[UUID]
    heard: dict[UUID, Heard] = field(default_factory=dict)
    duplicates: int = 0

    def take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """Keep an event of ours. Delivery is at least once, so one that came before is dropped."""
        try:
            envelope = Envelope.from_headers(record.headers)
        except MalformedEnvelope:
            return  # somebody else's message is nothing to us
        kind = published_events().get(envelope.type)
        if kind is None or envelope.subject not in self.subjects:
            return
        if envelope.id in self.heard:
            self.duplicates += 1
            return
        self.heard[envelope.id] = Heard(envelope, kind.model_validate_json(record.value or b""))

    @property
    def counts(self) -> Counter[str]:
        """How many events of each type were heard."""
        return Counter(heard.envelope.type for heard in self.heard.values())

    def in_order(self) -> list[Heard]:
        """The story from its beginning to its end."""
        return sorted(
            self.heard.values(), key=lambda heard: (heard.envelope.time, heard.envelope.id)
        )

    def faults(self) -> list[str]:
        """Every gap and doubled step in an aggregate's life, and every effect before its cause."""
        # An employee, its login and a client's user may share one id: they are three aggregates.
        sequences: dict[tuple[str, UUID], list[int]] = {}
        told: set[UUID] = set()
        faults = []
        for heard in self.in_order():
            envelope = heard.envelope
            aggregate = (heard.event.topic, envelope.subject)
            sequences.setdefault(aggregate, []).append(envelope.sequence)
            told.add(envelope.id)
            if envelope.causationid in self.heard and envelope.causationid not in told:
                faults.append(f"{envelope.type} {envelope.id} comes before its cause")
        faults += [
            f"the events of {topic} {subject} are numbered {numbers}"
            for (topic, subject), numbers in sequences.items()
            if numbers != list(range(1, len(numbers) + 1))
        ]
        return faults


async def listen(
    bootstrap: str,
    subjects: Collection[UUID],
    *,
    enough: Callable[[Mapping[str, int]], bool],
    patience_s: float = 30,
) -> Record:
    """Read every topic from its beginning until enough has been heard, and then to its end."""
    record = Record(subjects)
    topics = {event.topic for event in published_events().values()}
    consumer = AIOKafkaConsumer(
        *sorted(topics),
        bootstrap_servers=bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        deadline = time.monotonic() + patience_s
        while not enough(record.counts) and time.monotonic() < deadline:
            await _hear(consumer, record)
        ends = await consumer.end_offsets(consumer.assignment())
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                await _hear(consumer, record)
    finally:
        await consumer.stop()
    return record


async def _hear(consumer: AIOKafkaConsumer, record: Record) -> None:
    batches = await consumer.getmany(timeout_ms=_POLL_MS)
    for batch in batches.values():
        for message in batch:
            record.take(message)


def in_words(heard: Heard) -> str:
    """One line of the story: when, what, of which aggregate, and who was behind it."""
    envelope = heard.envelope
    fact = envelope.type.removeprefix("florin.")
    line = f"{envelope.time:%H:%M:%S.%f}"[:12] + f"  {fact:40} #{envelope.sequence}"
    line += f"  …{str(envelope.subject)[-6:]}  by {_short(envelope.actor)}"
    if envelope.onbehalfof:
        line += f" on behalf of {_short(envelope.onbehalfof)}: {envelope.reason}"
    return line


def _short(name: str) -> str:
    kind, slash, identifier = name.partition("/")
    return f"{kind}{slash}…{identifier[-6:]}" if slash else name
