"""Topics that last as long as a measurement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic


@asynccontextmanager
async def throwaway_topic(kafka_bootstrap: str, name: str, partitions: int) -> AsyncIterator[str]:
    """The topic's name; the topic is new, and goes with the block."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, replication_factor=1)])
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()
