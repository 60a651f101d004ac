"""Kafka as the stack runs it: one broker that keeps what it acknowledged."""

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from florin_local.errors import PortTaken
from florin_local.kafka import Kafka


async def create_topic(kafka: Kafka, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def send(kafka: Kafka, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True
    )
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read_one(kafka: Kafka, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap, group_id="readers", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        message = await consumer.getone()
        return bytes(message.value)
    finally:
        await consumer.stop()


async def test_it_accepts_an_idempotent_producer_and_serves_a_consumer_group(
    kafka: Kafka,
) -> None:
    await create_topic(kafka, "things")
    await send(kafka, "things", b"one")
    assert await read_one(kafka, "things") == b"one"


async def test_a_topic_that_nobody_made_does_not_appear(kafka: Kafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        [topic] = await admin.describe_topics(["invented"])
        assert topic["error_code"] == UnknownTopicOrPartitionError.errno
    finally:
        await admin.close()


def test_a_port_of_somebody_else_is_refused(folder: Path, kafka: Kafka) -> None:
    with pytest.raises(PortTaken, match=f"port {kafka.port} is taken"):
        Kafka(folder / "kafka", kafka.port).start()


async def test_what_it_acknowledged_survives_its_crash(folder: Path) -> None:
    async with Kafka(folder / "kafka") as kafka:
        await create_topic(kafka, "things")
        await send(kafka, "things", b"acknowledged")
        kafka.kill()
        assert not kafka.running
        kafka.start()
        assert await read_one(kafka, "things") == b"acknowledged"
