"""What the registry of the contracts says: who owns which fact topic, and who reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from florin_chassis.topics import registered_topics
from florin_contracts.events import OWNERS

SERVICES = tuple(sorted(module.__name__.rpartition(".")[2] for module in OWNERS))
"""The services of an installation: whoever states events."""


@dataclass(frozen=True)
class Topic:
    """One fact topic of the registry, without an installation's prefix."""

    name: str
    owner: str
    readers: tuple[str, ...]


@cache
def topics() -> Mapping[str, Topic]:
    """Every fact topic by its name."""
    entries = (entry for service in SERVICES for entry in registered_topics(service))
    found = (Topic(e["topic"], e["owner"], tuple(e["readers"])) for e in entries)
    return MappingProxyType({topic.name: topic for topic in found})


def owned_by(service: str) -> list[str]:
    """The fact topics that a service states."""
    return [topic.name for topic in topics().values() if topic.owner == service]


def read_by(service: str) -> list[str]:
    """The fact topics that a service listens to."""
    return [topic.name for topic in topics().values() if service in topic.readers]


def dead_letters_of(service: str) -> str:
    """The topic on which a service states what it could not handle."""
    return f"{service}-dead-letters"
