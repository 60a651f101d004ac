"""The weather service, on a database of its own, and its road to Kafka and back."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.tests.roads import TOPIC
from chassis.tests.weather.service import not_yet, service
from tests.plugins.servers import SettingsFor

from florin_chassis.ids import new_id
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness, harness
from florin_local.kafka import Kafka


@pytest.fixture
async def weather(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    not_yet.clear()
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
def country() -> UUID:
    return new_id()


@pytest.fixture
async def road(weather: Harness, kafka: Kafka) -> Runtime:
    """The weather service's runtime with real Kafka behind it, on topics of this test alone."""
    prefix = f"t{new_id().hex[-8:]}-"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(prefix + TOPIC, 3, 1)])
    await admin.close()
    changes = {"kafka_bootstrap": kafka.bootstrap, "topic_prefix": prefix, "parked_in_row_max": 3}
    return replace(weather.runtime, settings=weather.runtime.settings.model_copy(update=changes))


@pytest.fixture
def mortal_kafka(server_folder: Path) -> Iterator[Kafka]:
    """A broker that may be killed."""
    with Kafka(server_folder / "mortal-kafka", heap_mb=256) as kafka:
        yield kafka
