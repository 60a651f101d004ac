"""The AsyncAPI document is current, valid by the official schema, and true to the contracts."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from contracts.catalogue.__main__ import folders
from contracts.catalogue.registry import examples, topics
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT7

from florin_contracts.generate import stale_files
from florin_contracts.schemas import catalogue, contracts
from florin_contracts.states import published_states, state_topic

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "tests/contract/asyncapi_specification/3.0.0.json"
DOCUMENT: dict[str, Any] = json.loads((ROOT / "contracts/asyncapi/florin.json").read_text("utf-8"))
TYPES = sorted(contracts().keys() - {"envelope"})


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    return Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8")))


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_what_is_generated_for_outsiders_is_current(folder: Path) -> None:
    stale = stale_files(folder, folders()[folder])
    assert stale == [], "run `make schemas` and commit what it writes"


def test_the_document_is_valid_by_the_official_schema(official: Draft7Validator) -> None:
    assert [error.message for error in official.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["asyncapi"], "7.0.0"),
        (["channels", "clients-client", "address"], 7),
        (["channels", "clients-client", "bindings", "kafka", "partitions"], 0),
        (["operations", "state.clients-client", "action"], "shout"),
        (["components", "messages", "ClientState", "payload"], 7),
    ],
)
def test_the_official_schema_finds_a_mistake(
    official: Draft7Validator, path: list[str], value: Any
) -> None:
    broken = deepcopy(DOCUMENT)
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert list(official.iter_errors(broken))


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for node in _nodes(DOCUMENT) if isinstance(node.get("$ref"), str)]
    assert references
    for reference in references:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_there_is_a_channel_for_every_topic_of_facts_and_of_states() -> None:
    expected = {name for topic in topics() for name in (topic.name, state_topic(topic.name))}
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == expected


def test_a_channel_is_laid_out_as_the_registry_says() -> None:
    for topic in topics():
        for name in (topic.name, state_topic(topic.name)):
            channel = DOCUMENT["channels"][name]
            assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
            assert (channel["x-owner"], channel["x-readers"]) == (topic.owner, list(topic.readers))
        assert _configuration(topic.name) == {
            "cleanup.policy": ["delete"],
            "retention.ms": topic.retention_ms,
        }
        assert _configuration(state_topic(topic.name)) == {
            "cleanup.policy": ["compact"],
            "max.compaction.lag.ms": topic.max_compaction_lag_ms,
            "delete.retention.ms": topic.delete_retention_ms,
        }


def test_a_type_is_a_message_of_the_channel_that_the_index_names() -> None:
    told = {
        (message["name"], channel["address"])
        for channel in DOCUMENT["channels"].values()
        for message in map(_resolved, channel["messages"].values())
    }
    assert told == {(e["type"], e["topic"]) for e in catalogue() if e["kind"] != "envelope"}


@pytest.mark.parametrize("type", TYPES)
def test_an_example_is_what_its_message_says(type: str) -> None:
    for title, example in examples(type):
        (name,) = (n for n, m in _messages(type) if m["payload"] != {"type": "null"})
        headers, payload = _validator(f"{name}/headers"), _validator(f"{name}/payload")
        message = DOCUMENT["components"]["messages"][name]
        assert (title, example["data"]) in [(e["name"], e["payload"]) for e in message["examples"]]
        for told in message["examples"]:
            headers.validate(told["headers"])
            payload.validate(told["payload"])
            assert list(headers.iter_errors(told["headers"] | {"ce_type": "another"}))
            assert list(headers.iter_errors(told["headers"] | {"ce_sequence": "0"}))
            assert list(payload.iter_errors({}))


@pytest.mark.parametrize("topic", published_states())
def test_a_state_may_be_a_tombstone_and_a_fact_may_not(topic: str) -> None:
    def payloads(channel: str) -> list[Any]:
        messages = map(_resolved, DOCUMENT["channels"][channel]["messages"].values())
        return [message["payload"] for message in messages]

    assert {"type": "null"} in payloads(state_topic(topic))
    assert {"type": "null"} not in payloads(topic)


def test_a_message_names_the_file_of_its_schema() -> None:
    for message in DOCUMENT["components"]["messages"].values():
        schema = ROOT / "contracts/asyncapi" / message["x-schema"]
        assert schema.is_file()
        assert schema.stem == message["name"]


def _configuration(channel: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["channels"][channel]["bindings"]["kafka"]["topicConfiguration"]
    return found


def _messages(type: str) -> list[tuple[str, dict[str, Any]]]:
    return [(n, m) for n, m in DOCUMENT["components"]["messages"].items() if m["name"] == type]


def _resolved(reference: dict[str, str]) -> dict[str, Any]:
    name = reference["$ref"].removeprefix("#/components/messages/")
    message: dict[str, Any] = DOCUMENT["components"]["messages"][name]
    return message


def _validator(part: str) -> Draft7Validator:
    """As a tool would read it: a schema of AsyncAPI is one of JSON Schema draft 7."""
    registry: Registry[Any] = Registry().with_resource(
        "urn:events", DRAFT7.create_resource(DOCUMENT)
    )
    schema = {"$ref": f"urn:events#/components/messages/{part}"}
    return Draft7Validator(schema, registry=registry, format_checker=FormatChecker())


def _nodes(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) else []
    return [*own, *(found for part in inner for found in _nodes(part))]
