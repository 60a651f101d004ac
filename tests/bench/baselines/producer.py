"""aiokafka alone, as its users write it: send, send, send, flush."""

import gc
import time

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from tests.bench.backlog import plain_url

Message = tuple[str, bytes, bytes, list[tuple[str, bytes]]]


async def send_backlog(database_url: str, kafka_bootstrap: str) -> tuple[float, float]:
    """Events a second, and CPU seconds per 1,000 events, from start to the last acknowledgement.

    The messages of the outbox are made before the clock starts.
    """
    messages = await _messages(database_url)
    gc.collect()
    gc.freeze()  # so many messages at hand are this measurement's doing, not the producer's
    started, cpu = time.perf_counter(), time.process_time()
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=262_144,
    )
    await producer.start()
    for topic, key, value, headers in messages:
        await producer.send(topic, value, key=key, headers=headers)
    await producer.flush()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    await producer.stop()
    return len(messages) / seconds, 1_000 * cpu / len(messages)


async def _messages(database_url: str) -> list[Message]:
    connection = await asyncpg.connect(plain_url(database_url))
    rows = await connection.fetch(
        "SELECT topic, subject::text, envelope, data FROM outbox ORDER BY id"
    )
    await connection.close()
    return [
        (topic, subject.encode(), data.encode(), _headers(envelope))
        for topic, subject, envelope, data in rows
    ]


def _headers(envelope: str) -> list[tuple[str, bytes]]:
    attributes = orjson.loads(envelope)
    headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
    return [("ce_specversion", b"1.0"), ("content-type", b"application/json"), *headers]
