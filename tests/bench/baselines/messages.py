"""aiokafka alone: one message sent and received, or sent and acknowledged, then the next one."""

import asyncio
import time
from random import Random
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from tests.bench.latency import p99_ms
from tests.bench.throwaway import throwaway_topic

_TOPIC = f"bench-{uuid4().hex}"
_VALUE = b"x" * 400
_WARM_UP = 50


async def produce_and_consume(kafka_bootstrap: str, samples: int) -> float:
    """The p99 of the times from send to receipt, in milliseconds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, enable_auto_commit=False)
    seconds = []
    async with (
        throwaway_topic(kafka_bootstrap, _TOPIC, 1),
        consumer,
        _producer(kafka_bootstrap) as producer,
    ):
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


async def send_and_wait(kafka_bootstrap: str, samples: int, pause_s_max: float) -> float:
    """The p99 of the times from send to acknowledgement, in milliseconds; pauses at random."""
    pauses = Random(samples)  # noqa: S311 - no secret
    seconds = []
    async with (
        throwaway_topic(kafka_bootstrap, _TOPIC, 1),
        _producer(kafka_bootstrap) as producer,
    ):
        for _ in range(_WARM_UP + samples):
            await asyncio.sleep(pauses.uniform(0, pause_s_max))
            sent = time.perf_counter()
            await producer.send_and_wait(_TOPIC, _VALUE, key=uuid4().bytes)
            seconds.append(time.perf_counter() - sent)
    return p99_ms(seconds[_WARM_UP:])


def _producer(kafka_bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True)
