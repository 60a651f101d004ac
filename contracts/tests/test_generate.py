"""The committed schemas are the generated ones, and the command says so or says which are not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from florin_contracts.envelope import schema_id
from florin_contracts.events import published_events
from florin_contracts.generate import bring_up_to_date, main, stale_files
from florin_contracts.schemas import DIALECT, contracts, meanings, schema_documents
from florin_contracts.states import published_states, state_type

TYPE = "florin.clients.client.registered.v1"
SCHEMAS = sorted(schema_documents().keys() - {"index.json"})


def test_the_committed_schemas_are_up_to_date(contracts_folder: Path) -> None:
    assert stale_files(contracts_folder / "schemas", schema_documents()) == []


def test_there_is_a_schema_for_every_event_and_state_and_the_envelope() -> None:
    states = map(state_type, published_states())
    assert set(SCHEMAS) == {f"{name}.json" for name in (*published_events(), *states, "envelope")}


def test_the_index_lists_every_schema_under_the_id_that_records_carry() -> None:
    listed = json.loads(schema_documents()["index.json"])["schemas"]
    assert sorted(entry["file"] for entry in listed) == SCHEMAS
    for entry in listed:
        schema = json.loads(schema_documents()[entry["file"]])
        assert entry["id"] == schema["$id"]
        assert entry.get("type", "envelope") == entry["file"].removesuffix(".json")


def test_the_index_says_on_which_topic_a_type_is_found() -> None:
    listed = json.loads(schema_documents()["index.json"])["schemas"]
    topics = {entry["type"]: entry["topic"] for entry in listed if entry["kind"] != "envelope"}
    assert topics["florin.clients.client.registered.v1"] == "clients-client"
    assert topics["florin.clients.client.state.v1"] == "clients-client-state"


@pytest.mark.parametrize("name", contracts())
def test_every_field_says_what_it_means(name: str) -> None:
    described = _fields(json.loads(schema_documents()[f"{name}.json"]))
    assert [path for path, field in described if not field.get("description")] == []


def _fields(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    models = {"": schema, **schema.get("$defs", {})}
    return [
        (f"{name}.{field}", content)
        for name, model in models.items()
        for field, content in model.get("properties", {}).items()
    ]


def test_a_field_means_what_is_written_under_it_and_a_word_of_a_list_what_the_list_says() -> None:
    assert meanings(contracts()[TYPE])["state"] == "Whether any service of the client's runs."
    field = json.loads(schema_documents()[f"{TYPE}.json"])["properties"]["state"]
    assert field["description"].startswith(
        "Whether any service of the client's runs. *active*: has"
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_refers_to_nothing_outside_itself(name: str) -> None:
    references = re.findall(r'"\$ref": "([^"]*)"', schema_documents()[name])
    defined = json.loads(schema_documents()[name]).get("$defs", {})
    assert set(references) <= {f"#/$defs/{definition}" for definition in defined}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_complete(name: str) -> None:
    schema = json.loads(schema_documents()[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert schema["$id"] == schema_id(name.removesuffix(".json"))
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_leaves_room_for_fields_to_come(name: str) -> None:
    assert '"additionalProperties": false' not in schema_documents()[name]


def test_generating_twice_gives_the_same() -> None:
    assert schema_documents() == schema_documents()


def test_check_names_what_is_stale_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_up_to_date(tmp_path / "schemas", schema_documents())
    path = tmp_path / "schemas" / f"{TYPE}.json"
    path.write_text("{}", "utf-8")
    assert main(["--check", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"stale: {path}\n"
    assert path.read_text("utf-8") == "{}"


def test_a_missing_schema_and_one_of_no_event_are_stale(tmp_path: Path) -> None:
    bring_up_to_date(tmp_path, schema_documents())
    (tmp_path / f"{TYPE}.json").rename(tmp_path / "florin.gone.v1.json")
    assert stale_files(tmp_path, schema_documents()) == [f"{TYPE}.json", "florin.gone.v1.json"]


def test_generating_brings_a_folder_up_to_date(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    (tmp_path / "schemas" / "florin.gone.v1.json").write_text("{}", "utf-8")
    assert main(["--out", str(tmp_path)]) == 0
    assert main(["--check", "--out", str(tmp_path)]) == 0
