"""How Kafka is asked about topics, told to make them, and told their configuration."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

_FINE: Final = 0
_TOPIC_ALREADY_EXISTS: Final = 36  # another process made it at the same moment
_LOOKS, _LOOK_EVERY_S = 300, 0.05
_SET_ON_THE_TOPIC: Final = 1  # unlike the broker's own settings and defaults


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be, or as Kafka has it; `replicas` are those of its poorest partition.

    `configs` of a topic that Kafka has are all in force, wherever they are set.
    """

    name: str
    partitions: int
    replicas: int
    configs: Mapping[str, str]


class KafkaTopics:
    """The topics of one cluster. Faults are told in words, one a topic; none is raised half way."""

    def __init__(self, client: AIOKafkaAdminClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def at(cls, bootstrap: str) -> AsyncIterator[Self]:
        """A connection to the cluster, closed at the end; raises `KafkaError` without an answer."""
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
        try:
            await client.start()
            yield cls(client)
        finally:
            await client.close()

    async def describe(self, names: Collection[str]) -> list[Topic]:
        """Those of the named topics that exist. Asking for all creates none, by name might."""
        described = await self._client.describe_topics()
        found = {t["topic"]: t["partitions"] for t in described if t["topic"] in names}
        configs = await self._configs(found)
        return [
            Topic(
                name,
                len(partitions),
                min(len(partition["replicas"]) for partition in partitions),
                {setting: value for setting, value, _ in configs[name]},
            )
            for name, partitions in found.items()
        ]

    async def create(self, topics: Sequence[Topic], *, validate_only: bool = False) -> list[str]:
        """Make the topics, or ask whether they could be made; returns what Kafka refuses."""
        if not topics:
            return []
        wanted = [
            NewTopic(t.name, t.partitions, t.replicas, topic_configs=dict(t.configs))
            for t in topics
        ]
        answer = await self._client.create_topics(wanted, validate_only=validate_only)
        refusals = [
            _refusal(name, code, *message)
            for name, code, *message in answer.topic_errors
            if code not in {_FINE, _TOPIC_ALREADY_EXISTS}
        ]
        return refusals if refusals or validate_only else await self._appear(topics)

    async def _appear(self, topics: Sequence[Topic]) -> list[str]:
        """Wait until the brokers know what the controller made; returns what they do not."""
        names = {topic.name for topic in topics}
        for _ in range(_LOOKS):
            described = await self._client.describe_topics()
            if not (unknown := names - {topic["topic"] for topic in described}):
                return []
            await asyncio.sleep(_LOOK_EVERY_S)
        return [f"topic {name} was made, and the brokers do not know it" for name in unknown]

    async def configure(self, topics: Sequence[Topic]) -> list[str]:
        """Set the topics' configuration, what else was set on them stays; returns refusals."""
        if not topics:
            return []
        present = await self._configs([topic.name for topic in topics])
        changes = [
            ConfigResource(ConfigResourceType.TOPIC, t.name, _set_there(present[t.name], t.configs))
            for t in topics
        ]
        (answer,) = await self._client.alter_configs(changes)
        return [
            _refusal(name, code, message)
            for code, message, _, name in answer.resources
            if code != _FINE
        ]

    async def _configs(self, names: Collection[str]) -> dict[str, list[tuple[str, str, int]]]:
        """Setting, value and source of every setting in force, by topic."""
        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        (answer,) = await self._client.describe_configs(asked)
        configs: dict[str, list[tuple[str, str, int]]] = {}
        for code, message, _, name, entries in answer.resources:
            if code != _FINE:
                raise for_code(code)(_refusal(name, code, message))
            configs[name] = [(e[0], e[1], e[3]) for e in entries]
        return configs


def _set_there(
    present: Sequence[tuple[str, str, int]], wanted: Mapping[str, str]
) -> dict[str, str]:
    """Everything that is to be set on the topic: Kafka forgets what is not named."""
    return {s: v for s, v, source in present if source == _SET_ON_THE_TOPIC} | dict(wanted)


def _refusal(name: str, code: int, *message: Any) -> str:
    detail = next((str(part) for part in message if part), "no reason given")
    return f"Kafka refuses topic {name}: {for_code(code).__name__}, {detail}"
