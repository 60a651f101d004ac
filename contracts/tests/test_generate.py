"""The committed schemas are the generated ones, and the command says so or says which are not."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from florin_contracts.envelope import schema_id
from florin_contracts.events import published_events
from florin_contracts.generate import DIALECT, main, schema_documents, stale_files, write_schemas

TYPE = "florin.clients.client.registered.v1"


def test_the_committed_schemas_are_up_to_date(contracts_folder: Path) -> None:
    assert stale_files(contracts_folder / "schemas") == []


def test_there_is_a_schema_for_every_event_and_the_envelope() -> None:
    assert schema_documents().keys() == {
        f"{name}.json" for name in (*published_events(), "envelope")
    }


@pytest.mark.parametrize("name", schema_documents())
def test_a_schema_is_complete(name: str) -> None:
    schema = json.loads(schema_documents()[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert schema["$id"] == schema_id(name.removesuffix(".json"))
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("name", schema_documents())
def test_a_schema_leaves_room_for_fields_to_come(name: str) -> None:
    assert "additionalProperties" not in schema_documents()[name]


def test_generating_twice_gives_the_same() -> None:
    assert schema_documents() == schema_documents()


def test_check_names_what_is_stale_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_schemas(tmp_path / "schemas")
    path = tmp_path / "schemas" / f"{TYPE}.json"
    path.write_text("{}", "utf-8")
    assert main(["--check", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"stale: {path}\n"
    assert path.read_text("utf-8") == "{}"


def test_a_missing_schema_and_one_of_no_event_are_stale(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    (tmp_path / f"{TYPE}.json").rename(tmp_path / "florin.gone.v1.json")
    assert stale_files(tmp_path) == [f"{TYPE}.json", "florin.gone.v1.json"]


def test_generating_brings_a_folder_up_to_date(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    (tmp_path / "schemas" / "florin.gone.v1.json").write_text("{}", "utf-8")
    assert main(["--out", str(tmp_path)]) == 0
    assert main(["--check", "--out", str(tmp_path)]) == 0
