"""A reader of Kafka leaves it in whatever state that is, and is never ended by what it leaves."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.tests.roads import until

from florin_chassis.ids import new_id
from florin_chassis.road.leaving import leave
from florin_local.kafka import Kafka

NEVER_AGAIN_MS = 60_000


async def test_a_client_whose_fetch_has_just_failed_is_left_without_its_cancellation(
    mortal_kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    topic = f"t{new_id().hex[-8:]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=mortal_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=mortal_kafka.bootstrap, retry_backoff_ms=NEVER_AGAIN_MS
    )
    await consumer.start()
    await consumer.position(TopicPartition(topic, 0))
    await asyncio.to_thread(mortal_kafka.kill)

    async def has_failed() -> bool:
        return "Failed fetch messages" in caplog.text

    await until(has_failed)
    await leave(consumer)
    assert not any(c.connected() for c in consumer._client._conns.values())
