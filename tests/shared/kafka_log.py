"""What Kafka holds of facts and of the latest states, read from beginning to end."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from tests.shared.databases import TOPICS, Stated

from florin_contracts.envelope import Envelope
from florin_contracts.states import state_topic

Record: TypeAlias = ConsumerRecord[bytes, bytes]


FACT_TOPICS: Final = tuple(str(topic["topic"]) for topic in TOPICS)


async def records(bootstrap: str, topics: Iterable[str] = FACT_TOPICS) -> dict[str, list[Record]]:
    """Every record of these topics, in Kafka's order per partition, by topic."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        group_id=None,
    )
    found: dict[str, list[Record]] = defaultdict(list)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        while [p for p, end in ends.items() if await consumer.position(p) < end]:
            for partition, batch in (await consumer.getmany(timeout_ms=200)).items():
                found[partition.topic] += batch
    finally:
        await consumer.stop()
    return found


def _everything(record: Record) -> bool:
    del record
    return True


async def stated_on_kafka(
    bootstrap: str, wanted: Callable[[Record], bool] = _everything
) -> dict[str, list[Stated]]:
    """Every event of every fact topic as Kafka holds it, duplicates and all, by topic."""
    events: dict[str, list[Stated]] = defaultdict(list)
    for topic, found in (await records(bootstrap)).items():
        envelopes = [Envelope.from_headers(record.headers) for record in found if wanted(record)]
        events[topic] += [Stated(e.subject, e.sequence, e.id) for e in envelopes]
    return events


async def states_on_kafka(bootstrap: str) -> dict[str, dict[UUID, int | None]]:
    """The version of each aggregate's last state record, `None` for a tombstone, by fact topic."""
    found = await records(bootstrap, map(state_topic, FACT_TOPICS))
    return {topic: dict(map(_version, found[state_topic(topic)])) for topic in FACT_TOPICS}


def _version(record: Record) -> tuple[UUID, int | None]:
    envelope = Envelope.from_headers(record.headers)
    return envelope.subject, None if record.value is None else envelope.sequence
