"""Topics on real Kafka are made as declared, mended where that is safe, and else refused."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from chassis.tests.weather.service import service
from tests.plugins.servers import SettingsFor

from florin_chassis.ids import new_id
from florin_chassis.settings import ServiceSettings
from florin_chassis.topic_administration import KafkaTopics, Topic
from florin_chassis.topics import (
    Difference,
    TopicsRefused,
    check_topics,
    create_topics,
    declared_topics,
    verify_topics,
)
from florin_local.kafka import Kafka

OWNER = "payers"
DAY_MS = 86_400_000
DEADLINE_S = 30.0


@pytest.fixture
def settings(settings_for: SettingsFor, kafka: Kafka) -> ServiceSettings:
    """Settings of a service whose topics are this test's alone."""
    changes = {"kafka_bootstrap": kafka.bootstrap, "topic_prefix": f"t{new_id().hex[-8:]}-"}
    return settings_for(service).model_copy(update=changes)


@pytest.fixture
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await client.start()
    yield client
    await client.close()


async def described(settings: ServiceSettings, topic: str) -> Topic:
    """What Kafka itself says of a topic."""
    async with KafkaTopics.at(settings.kafka_bootstrap) as kafka:
        (found,) = await kafka.describe({settings.topic_prefix + topic})
    return found


async def comes_to_differ(settings: ServiceSettings, *expected: Difference) -> None:
    """Wait until the broker has heard of what the controller was told, and no more differs."""
    async with asyncio.timeout(DEADLINE_S):
        while await verify_topics(OWNER, settings) != list(expected):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def configure(admin: AIOKafkaAdminClient, topic: str, configs: dict[str, str]) -> None:
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


async def test_all_that_a_service_states_has_its_topics_after_creation(
    settings: ServiceSettings,
) -> None:
    await create_topics(OWNER, settings)
    facts, states = [await described(settings, f"payers-payer{s}") for s in ("", "-state")]
    letters = await described(settings, "payers-dead-letters")
    assert (facts.partitions, states.partitions, letters.partitions) == (6, 6, 3)
    assert facts.configs["cleanup.policy"] == letters.configs["cleanup.policy"] == "delete"
    assert facts.configs["retention.ms"] == str(14 * DAY_MS)
    assert states.configs["cleanup.policy"] == "compact"
    assert states.configs["max.compaction.lag.ms"] == str(DAY_MS)
    assert states.configs["delete.retention.ms"] == str(30 * DAY_MS)
    assert await verify_topics(OWNER, settings) == []


async def test_a_topic_that_is_missing_is_a_difference(settings: ServiceSettings) -> None:
    differences = await verify_topics(OWNER, settings)
    assert len(differences) == len(declared_topics(OWNER, settings))
    name = settings.topic_prefix + "payers-payer-state"
    assert Difference(name, "exists", "yes", "no") in differences


@pytest.mark.parametrize(
    ("topic", "setting", "actual"),
    [
        ("payers-payer", "retention.ms", "1000"),
        ("payers-payer", "segment.ms", "604800000"),
        ("payers-payer-state", "cleanup.policy", "delete"),
        ("payers-payer-state", "max.compaction.lag.ms", "9223372036854775807"),
        ("payers-payer-state", "delete.retention.ms", "1000"),
        ("payers-dead-letters", "max.message.bytes", "1000"),
        ("payers-dead-letters", "message.timestamp.type", "CreateTime"),
    ],
)
async def test_a_setting_that_someone_changed_is_seen_and_mended(
    settings: ServiceSettings, admin: AIOKafkaAdminClient, topic: str, setting: str, actual: str
) -> None:
    await create_topics(OWNER, settings)
    name = settings.topic_prefix + topic
    present = {t.name: dict(t.configs) for t in declared_topics(OWNER, settings)}[name]
    await configure(admin, name, {**present, setting: actual, "compression.type": "lz4"})
    expected = present[setting]
    await comes_to_differ(settings, Difference(name, setting, expected, actual))
    await create_topics(OWNER, settings)
    await comes_to_differ(settings)
    assert (await described(settings, topic)).configs["compression.type"] == "lz4", "not ours"


async def test_other_partitions_are_refused_since_keys_would_move(
    settings: ServiceSettings, admin: AIOKafkaAdminClient
) -> None:
    await create_topics(OWNER, settings)
    name = settings.topic_prefix + "payers-payer"
    await admin.create_partitions({name: NewPartitions(7)})
    await comes_to_differ(settings, Difference(name, "partitions", "6", "7"))
    for refusing in (create_topics, check_topics):
        with pytest.raises(TopicsRefused, match=f"{name}: partitions is 7, not 6"):
            await refusing(OWNER, settings)


async def test_what_one_broker_cannot_hold_is_refused_before_anything_is_made(
    settings: ServiceSettings,
) -> None:
    three = settings.model_copy(update={"topic_replicas": 3})
    for refusing in (check_topics, create_topics):
        with pytest.raises(TopicsRefused, match="replication factor"):
            await refusing(OWNER, three)
    missing = await verify_topics(OWNER, three)
    assert {d.setting for d in missing} == {"exists"}


async def test_a_topic_with_fewer_replicas_than_asked_for_is_refused(
    settings: ServiceSettings,
) -> None:
    await create_topics(OWNER, settings)
    three = settings.model_copy(update={"topic_replicas": 3})
    with pytest.raises(TopicsRefused, match="payers-payer: replicas is 1, not 3"):
        await create_topics(OWNER, three)
    assert await verify_topics(OWNER, settings) == [], "nothing was changed"


async def test_topics_that_two_processes_make_at_once_are_made_once(
    settings: ServiceSettings,
) -> None:
    await asyncio.gather(*(create_topics(OWNER, settings) for _ in range(3)))
    assert await verify_topics(OWNER, settings) == []


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_one_replica_may_be_away_where_there_are_three(
    settings: ServiceSettings, replicas: int, in_sync: str
) -> None:
    changed = settings.model_copy(update={"topic_replicas": replicas})
    for topic in declared_topics(OWNER, changed):
        assert topic.replicas == replicas
        assert topic.configs["min.insync.replicas"] == in_sync
