"""aiokafka alone: one message sent, the same message received, the next one sent."""

import time
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.bench.latency import p99_ms

_TOPIC = "bench-messages"
_VALUE = b"x" * 400
_WARM_UP = 5


async def produce_and_consume(kafka_bootstrap: str, samples: int) -> float:
    """The p99 of the times from send to receipt, in milliseconds."""
    await _make_topic(kafka_bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, enable_auto_commit=False)
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True
    )
    seconds = []
    async with consumer, producer:
        partition = TopicPartition(_TOPIC, 0)
        consumer.assign([partition])
        await consumer.seek_to_end(partition)
        for _ in range(_WARM_UP + samples):
            sent, key = time.perf_counter(), uuid4().bytes
            await producer.send(_TOPIC, _VALUE, key=key)
            while (await consumer.getone()).key != key:
                pass
            seconds.append(time.perf_counter() - sent)
    return p99_ms(seconds[_WARM_UP:])


async def _make_topic(kafka_bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        # Another round may have made it: the answer then says so, and nothing is raised.
        await admin.create_topics([NewTopic(_TOPIC, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()
