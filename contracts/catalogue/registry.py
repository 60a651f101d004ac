"""The registry of topics and the hand-written examples, as the generated documents tell of them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from florin_contracts.event import Event
from florin_contracts.events import published_events

CONTRACTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Topic:
    """One topic of facts and the topic of states beside it; periods are in milliseconds."""

    name: str
    meaning: str
    owner: str
    readers: tuple[str, ...]
    partitions: int
    retention_ms: int
    max_compaction_lag_ms: int
    delete_retention_ms: int
    since: dict[str, str]
    """The release that first stated each of its types."""

    @property
    def events(self) -> list[type[Event]]:
        """Its facts, in the order of the registry."""
        return [published_events()[type] for type in self.since]


@cache
def topics() -> tuple[Topic, ...]:
    """Every published topic of facts, by owner and name."""
    found = [_read(path.read_text("utf-8")) for path in (CONTRACTS / "topics").glob("*.yaml")]
    return tuple(sorted(found, key=lambda topic: topic.name))


def _read(text: str) -> Topic:
    entry = yaml.safe_load(text)
    return Topic(
        name=entry["topic"],
        meaning=text.partition("\n")[0].removeprefix("# "),
        owner=entry["owner"],
        readers=tuple(entry["readers"]),
        partitions=entry["partitions"],
        retention_ms=entry["retention_ms"],
        **entry["state"],
        since={event["type"]: event["since"] for event in entry["events"]},
    )


@cache
def examples(type: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The examples of a record type, each as its title and `{"envelope": …, "data": …}`."""
    paths = sorted((CONTRACTS / "examples" / type).glob("*.json"))
    return tuple((_title(path.stem), json.loads(path.read_text("utf-8"))) for path in paths)


def _title(stem: str) -> str:
    return stem.partition("-")[2].replace("-s-", "'s ").replace("-", " ")


def headers_of(envelope: dict[str, Any]) -> dict[str, str]:
    """An envelope as the text of its Kafka headers."""
    attributes = {f"ce_{name}": str(value) for name, value in envelope.items()}
    return {"ce_specversion": "1.0", "content-type": "application/json", **attributes}
