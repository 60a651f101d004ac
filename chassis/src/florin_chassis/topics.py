"""Makes and checks the topics that a service owns, as the registry of the contracts declares them.

Beside each topic of facts stands its compacted state topic; each service has one for dead letters.
How long each keeps what, and why: `docs/decisions/0015-state-topics-and-erasure.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Protocol

import structlog
import yaml

from florin_chassis.topic_administration import KafkaTopics, Topic
from florin_contracts.states import state_topic

_DAY_MS: Final = 24 * 60 * 60 * 1000
_MESSAGE_BYTES_MAX: Final = 1_048_588
"""Kafka's own default, said aloud: no event and no dead letter has as much."""

_log = structlog.get_logger(__name__)


class WhereTopicsAre(Protocol):
    """Of a service's settings, what its topics depend on."""

    @property
    def kafka_bootstrap(self) -> str:
        """host:port of Kafka brokers, comma separated."""
        ...

    @property
    def topic_prefix(self) -> str:
        """What stands before every topic's name."""
        ...

    @property
    def topic_replicas(self) -> int:
        """How many brokers hold each partition."""
        ...


class TopicsRefused(Exception):
    """A topic on Kafka is not as declared, and making it so would lose or disorder what it holds.

    Or Kafka refuses to make it. Says of each topic what and why.
    """


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a topic on Kafka is not as declared; one that is missing differs in `exists`."""

    topic: str
    setting: str
    expected: str
    actual: str

    @property
    def repairable(self) -> bool:
        """Whether `create_topics` mends it: other partitions would send keys elsewhere."""
        return self.setting not in {"partitions", "replicas"}

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.actual}, not {self.expected}"


def registered_topics(owner: str) -> list[dict[str, Any]]:
    """The registry's entries of one owner's facts."""
    return _registered("topics", owner)


def declared_topics(owner: str, settings: WhereTopicsAre) -> list[Topic]:
    """Every topic that an owner has on Kafka, with all that matters of its configuration."""
    facts = [topic for entry in registered_topics(owner) for topic in topics_of(entry, settings)]
    letters = [dead_letters_of(entry, settings) for entry in _registered("dead_letters", owner)]
    return [*facts, *letters]


def topics_of(entry: Mapping[str, Any], settings: WhereTopicsAre) -> tuple[Topic, Topic]:
    """The topic of facts that a registry's entry declares, and the state topic beside it."""
    states = {
        "cleanup.policy": "compact",
        "max.compaction.lag.ms": str(entry["state"]["max_compaction_lag_ms"]),
        "delete.retention.ms": str(entry["state"]["delete_retention_ms"]),
    }
    return (
        _topic(entry, settings, str(entry["topic"]), _kept_for(entry)),
        _topic(entry, settings, state_topic(entry["topic"]), states),
    )


def dead_letters_of(entry: Mapping[str, Any], settings: WhereTopicsAre) -> Topic:
    """The topic of dead letters that a registry's entry declares."""
    return _topic(entry, settings, str(entry["topic"]), _kept_for(entry))


async def verify_topics(owner: str, settings: WhereTopicsAre) -> list[Difference]:
    """Where Kafka is not as declared; nothing is changed. Raises `KafkaError` if it is away."""
    return await verify(declared_topics(owner, settings), settings)


async def check_topics(owner: str, settings: WhereTopicsAre) -> None:
    """Raise `TopicsRefused` if `create_topics` would; nothing is changed."""
    topics = declared_topics(owner, settings)
    async with KafkaTopics.at(settings.kafka_bootstrap) as kafka:
        await _check(kafka, topics, await _differences(kafka, topics))


async def create_topics(owner: str, settings: WhereTopicsAre) -> None:
    """Create what is missing and mend what can be; raises `TopicsRefused` before any change."""
    await create(declared_topics(owner, settings), settings)


async def verify(topics: Sequence[Topic], settings: WhereTopicsAre) -> list[Difference]:
    """As `verify_topics`, for any topics."""
    async with KafkaTopics.at(settings.kafka_bootstrap) as kafka:
        return await _differences(kafka, topics)


async def create(topics: Sequence[Topic], settings: WhereTopicsAre) -> None:
    """As `create_topics`, for any topics."""
    async with KafkaTopics.at(settings.kafka_bootstrap) as kafka:
        differences = await _differences(kafka, topics)
        await _check(kafka, topics, differences)
        missing = _missing(topics, differences)
        _raise(await kafka.create(missing))
        for topic in missing:
            _log.info("topic is made", topic=topic.name)
        mended = [d for d in differences if d.setting != "exists"]
        for difference in mended:
            _log.warning("topic is mended", difference=str(difference))
        different = {difference.topic for difference in mended}
        _raise(await kafka.configure([topic for topic in topics if topic.name in different]))


async def _check(
    kafka: KafkaTopics, topics: Sequence[Topic], differences: Sequence[Difference]
) -> None:
    _raise([str(d) for d in differences if not d.repairable])
    _raise(await kafka.create(_missing(topics, differences), validate_only=True))


async def _differences(kafka: KafkaTopics, topics: Sequence[Topic]) -> list[Difference]:
    present = {topic.name: topic for topic in await kafka.describe({t.name for t in topics})}
    return [
        Difference(topic.name, *difference)
        for topic in topics
        for difference in _compare(topic, present.get(topic.name))
    ]


def _compare(expected: Topic, actual: Topic | None) -> list[tuple[str, str, str]]:
    if actual is None:
        return [("exists", "yes", "no")]
    found = []
    if actual.partitions != expected.partitions:
        found.append(("partitions", str(expected.partitions), str(actual.partitions)))
    if actual.replicas < expected.replicas:
        found.append(("replicas", str(expected.replicas), str(actual.replicas)))
    return found + [
        (setting, value, actual.configs.get(setting, "unset"))
        for setting, value in expected.configs.items()
        if actual.configs.get(setting) != value
    ]


def _missing(topics: Sequence[Topic], differences: Sequence[Difference]) -> list[Topic]:
    missing = {d.topic for d in differences if d.setting == "exists"}
    return [topic for topic in topics if topic.name in missing]


def _raise(faults: Sequence[str]) -> None:
    if faults:
        raise TopicsRefused("; ".join(faults))


def _registered(kind: str, owner: str) -> list[dict[str, Any]]:
    entries = files("florin_contracts").joinpath(kind).iterdir()
    topics = [yaml.safe_load(e.read_text("utf-8")) for e in entries if e.name.endswith(".yaml")]
    return sorted((t for t in topics if t["owner"] == owner), key=lambda topic: str(topic["topic"]))


def _kept_for(entry: Mapping[str, Any]) -> dict[str, str]:
    """Kafka deletes whole segments, so one that took weeks to fill would keep its first weeks."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(entry["retention_ms"]),
        "segment.ms": str(min(_DAY_MS, entry["retention_ms"])),
    }


def _topic(
    entry: Mapping[str, Any], settings: WhereTopicsAre, name: str, configs: Mapping[str, str]
) -> Topic:
    common = {
        "max.message.bytes": str(_MESSAGE_BYTES_MAX),
        # Or a relay whose clock is wrong decides how long its messages stay.
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": "2" if settings.topic_replicas > 2 else "1",  # noqa: PLR2004
    }
    replicas = settings.topic_replicas
    return Topic(
        settings.topic_prefix + name, entry["partitions"], replicas, common | dict(configs)
    )
