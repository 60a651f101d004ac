"""What the last release promised still holds, in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest
from contracts.tests.fidelity import holds
from jsonschema import Draft202012Validator, FormatChecker

from florin_contracts.changelog import sections, untold
from florin_contracts.compatibility import Schema, breaches, read_schemas
from florin_contracts.envelope import Envelope
from florin_contracts.schemas import contracts


@pytest.fixture(scope="session")
def released_schemas(contracts_folder: Path) -> dict[str, Schema]:
    return read_schemas(contracts_folder / "released" / "schemas")


def test_released_contracts_changed_by_addition_only(
    contracts_folder: Path, released_schemas: dict[str, Schema]
) -> None:
    found = breaches(released_schemas, read_schemas(contracts_folder / "schemas"))
    assert [str(breach) for breach in found] == []


def test_every_change_since_the_release_is_told(
    contracts_folder: Path, released_schemas: dict[str, Schema]
) -> None:
    changelog = (contracts_folder / "CHANGELOG.md").read_text("utf-8")
    assert untold(released_schemas, read_schemas(contracts_folder / "schemas"), changelog) == []


def test_the_release_that_is_compared_with_is_the_last_one_of_the_changelog(
    contracts_folder: Path,
) -> None:
    told = sections((contracts_folder / "CHANGELOG.md").read_text("utf-8"))
    coming, last, *_ = told
    assert coming == "Unreleased"
    heading = (contracts_folder / "released" / "README.md").read_text("utf-8").partition("\n")[0]
    assert heading == f"# The contracts as last released: {last}"


def test_present_code_reads_a_released_example(released_example: dict[str, Any]) -> None:
    event = contracts()[released_example["envelope"]["type"]]
    read = json.loads(event.model_validate(released_example["data"]).model_dump_json())
    assert holds(read, released_example["data"])
    Envelope.model_validate(released_example["envelope"])


def test_the_last_release_reads_a_present_example(
    example: dict[str, Any], released_schemas: dict[str, Schema]
) -> None:
    schema = released_schemas.get(example["envelope"]["type"])
    if schema is not None:  # an event type newer than the release was read by nobody then
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(example["data"])
    Draft202012Validator(released_schemas["envelope"]).validate(example["envelope"])


def test_no_released_example_was_edited(contracts_folder: Path) -> None:
    released = contracts_folder / "released" / "examples"
    for path in released.glob("*/*.json"):
        present = contracts_folder / "examples" / path.relative_to(released)
        assert present.read_bytes() == path.read_bytes(), f"{present} is not as it was released"
