"""What Kafka holds of the fact topics, read from beginning to end."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from tests.shared.databases import TOPICS, Stated

from florin_contracts.envelope import Envelope

Record: TypeAlias = ConsumerRecord[bytes, bytes]


async def records(bootstrap: str) -> dict[str, list[Record]]:
    """Every record of every fact topic, in Kafka's order per partition, by topic."""
    consumer = AIOKafkaConsumer(
        *(topic["topic"] for topic in TOPICS),
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
