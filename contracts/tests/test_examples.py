"""The hand-written examples: one for every event, true to its class and schema, and one story."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts.tests.fidelity import holds
from jsonschema import Draft202012Validator, FormatChecker

from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.events import published_events
from florin_contracts.schemas import ENVELOPE, contracts
from florin_contracts.states import published_states, state_id, state_type


@pytest.fixture(scope="session")
def validators(contracts_folder: Path) -> dict[str, Draft202012Validator]:
    schemas = {name: _schema(contracts_folder, name) for name in contracts()}
    checker = FormatChecker()
    return {name: Draft202012Validator(s, format_checker=checker) for name, s in schemas.items()}


def _schema(folder: Path, name: str) -> Any:
    return json.loads((folder / "schemas" / f"{name}.json").read_text("utf-8"))


def facts(examples: dict[Path, Any]) -> list[dict[str, Any]]:
    return [e for e in examples.values() if e["envelope"]["type"] in published_events()]


def test_every_contract_has_an_example_and_every_example_its_contract(
    all_examples: dict[Path, Any],
) -> None:
    assert {path.parent.name for path in all_examples} == contracts().keys() - {ENVELOPE}


def test_the_example_of_a_state_is_what_a_fact_of_the_story_left_behind(
    all_examples: dict[Path, Any],
) -> None:
    left = {str(state_id(UUID(e["envelope"]["id"]))): e for e in facts(all_examples)}
    states = [e for e in all_examples.values() if ".state." in e["envelope"]["type"]]
    assert len(states) == len(published_states())
    for example in states:
        envelope, fact = example["envelope"], left[example["envelope"]["id"]]
        topic = published_events()[fact["envelope"]["type"]].topic
        assert envelope["type"] == state_type(topic)
        assert envelope == fact["envelope"] | {
            name: envelope[name] for name in ("id", "type", "dataschema")
        }
        # A released example stays as it was, though its state may have got a field since.
        fields = published_states()[topic].model_fields.keys() & fact["data"].keys()
        assert example["data"] == {name: fact["data"][name] for name in fields}


def test_an_example_is_in_the_folder_of_its_type(all_examples: dict[Path, Any]) -> None:
    assert all(path.parent.name == e["envelope"]["type"] for path, e in all_examples.items())


def test_an_example_is_read_and_written_without_loss(example: dict[str, Any]) -> None:
    event = contracts()[example["envelope"]["type"]].model_validate(example["data"])
    assert holds(json.loads(event.model_dump_json()), example["data"])


def test_an_envelope_is_read_and_written_without_loss(example: dict[str, Any]) -> None:
    envelope = Envelope.model_validate(example["envelope"])
    assert holds(json.loads(envelope.model_dump_json()), example["envelope"])


def test_an_envelope_goes_through_kafka_s_headers_without_loss(example: dict[str, Any]) -> None:
    envelope = Envelope.model_validate(example["envelope"])
    assert Envelope.from_headers(envelope.to_headers()) == envelope


def test_an_example_is_valid_by_its_schema(
    example: dict[str, Any], validators: dict[str, Draft202012Validator]
) -> None:
    validators[example["envelope"]["type"]].validate(example["data"])
    validators["envelope"].validate(example["envelope"])


def test_a_schema_refuses_an_example_without_its_id(
    example: dict[str, Any], validators: dict[str, Draft202012Validator]
) -> None:
    data = {name: value for name, value in example["data"].items() if name != "id"}
    assert not validators[example["envelope"]["type"]].is_valid(data)


def test_an_envelope_belongs_to_its_data(example: dict[str, Any]) -> None:
    envelope, data = example["envelope"], example["data"]
    assert envelope["subject"] == data["id"]
    assert envelope["dataschema"] == schema_id(envelope["type"])
    assert envelope["source"] == f"florin/{envelope['type'].split('.')[1]}"


def test_no_two_examples_share_an_id(all_examples: dict[Path, Any]) -> None:
    ids = [example["envelope"]["id"] for example in all_examples.values()]
    assert len(ids) == len(set(ids))


def test_every_cause_is_told_too_and_came_before(all_examples: dict[Path, Any]) -> None:
    told = {e["envelope"]["id"]: e["envelope"]["time"] for e in all_examples.values()}
    caused = [e["envelope"] for e in all_examples.values() if "causationid" in e["envelope"]]
    assert caused
    assert all(told[envelope["causationid"]] < envelope["time"] for envelope in caused)


def test_the_story_of_every_aggregate_has_no_gap(all_examples: dict[Path, Any]) -> None:
    stories: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for example in facts(all_examples):
        envelope = example["envelope"]
        topic = published_events()[envelope["type"]].topic
        moment = (envelope["time"], envelope["sequence"])
        stories.setdefault((topic, envelope["subject"]), []).append(moment)
    for story in stories.values():
        assert [sequence for _, sequence in sorted(story)] == [*range(1, len(story) + 1)]


def test_one_example_is_of_an_employee_who_acts_for_a_client(all_examples: dict[Path, Any]) -> None:
    impersonated = [e for e in all_examples.values() if "onbehalfof" in e["envelope"]]
    assert impersonated
    assert all(e["envelope"]["reason"] for e in impersonated)
    assert all(e["envelope"]["onbehalfof"].startswith("client/") for e in impersonated)


def test_a_lost_or_altered_value_is_noticed() -> None:
    assert holds({"a": [{"b": 1, "new": 2}]}, {"a": [{"b": 1}]})
    assert not holds({"a": [{}]}, {"a": [{"b": 1}]})
    assert not holds({"a": [{"b": 2}]}, {"a": [{"b": 1}]})
    assert not holds({"a": []}, {"a": [{"b": 1}]})
