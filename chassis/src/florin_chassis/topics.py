"""Makes the topics that a service owns, as the registry of the contracts describes them."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import structlog
import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from florin_chassis.settings import ServiceSettings

_log = structlog.get_logger(__name__)
_TOPIC_ALREADY_EXISTS = 36


def registered_topics(owner: str) -> list[dict[str, Any]]:
    """The registry's entries of one owner."""
    entries = files("florin_contracts").joinpath("topics").iterdir()
    topics = [yaml.safe_load(e.read_text()) for e in entries if e.name.endswith(".yaml")]
    return sorted((t for t in topics if t["owner"] == owner), key=lambda topic: str(topic["topic"]))


async def create_topics(owner: str, settings: ServiceSettings) -> None:
    """Create what is missing; raises on any topic that Kafka refuses."""
    wanted = [
        NewTopic(
            name=settings.topic_prefix + topic["topic"],
            num_partitions=topic["partitions"],
            replication_factor=settings.topic_replicas,
            topic_configs={"retention.ms": str(topic["retention_ms"])},
        )
        for topic in registered_topics(owner)
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics(wanted)
    finally:
        await admin.close()
    _raise_on_refusal(answer.topic_errors)


def _raise_on_refusal(outcomes: Sequence[tuple[Any, ...]]) -> None:
    for name, code, *message in outcomes:
        if code not in {0, _TOPIC_ALREADY_EXISTS}:
            raise RuntimeError(f"Kafka refuses topic {name}: error {code} {message}")
        _log.info("topic", name=name, existed=code != 0)
