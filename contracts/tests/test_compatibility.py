"""The gate on released contracts: every way to break one is refused, by type and field."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from florin_contracts.compatibility import Schema, breaches, main, read_schemas

TYPE = "florin.weather.cloud.gathered.v1"
RELEASED: Schema = {
    "title": "CloudGathered",
    "description": "A cloud gathered.",
    "$defs": {
        "Kind": {"title": "Kind", "type": "string", "enum": ["cirrus", "cumulus"]},
        "Drop": {
            "title": "Drop",
            "type": "object",
            "properties": {"size": {"type": "integer"}},
            "required": ["size"],
        },
    },
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string", "pattern": "^[A-Z]+$"},
        "kind": {"$ref": "#/$defs/Kind"},
        "drops": {"type": "array", "items": {"$ref": "#/$defs/Drop"}},
        "seen_by": {"anyOf": [{"$ref": "#/$defs/Kind"}, {"type": "null"}]},
        "weight": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "note": {"type": "string", "default": ""},
    },
    "required": ["id", "title", "kind", "drops", "seen_by", "weight"],
}
Change = Callable[[Schema], object]

BREAKING: dict[str, tuple[Change, str]] = {
    "a field is removed": (lambda s: s["properties"].pop("title"), "title was removed"),
    "a field gets another type": (
        lambda s: s["properties"]["title"].update(type="integer"),
        "title changed its type from string to integer",
    ),
    "a field gets another format": (
        lambda s: s["properties"]["id"].update(format="date"),
        "id changed its format from uuid to date",
    ),
    "a field loses its format": (lambda s: s["properties"]["id"].pop("format"), "id changed its"),
    "a field gets another pattern": (
        lambda s: s["properties"]["title"].update(pattern="^[A-Z]*$"),
        "title changed its pattern",
    ),
    "a field gets a bound": (
        lambda s: s["properties"]["note"].update(maxLength=5),
        "note changed its maxLength from None to 5",
    ),
    "an enum is narrowed": (
        lambda s: s["$defs"]["Kind"]["enum"].remove("cirrus"),
        "kind lost the value 'cirrus'",
    ),
    "an enum is widened": (
        lambda s: s["$defs"]["Kind"]["enum"].append("stratus"),
        "kind got the value 'stratus'",
    ),
    "an enum inside null-or-enum is widened": (
        lambda s: s["$defs"]["Kind"]["enum"].append("stratus"),
        "seen_by got the value 'stratus'",
    ),
    "an enum becomes any string": (
        lambda s: s["$defs"]["Kind"].pop("enum"),
        "kind lost its list of values",
    ),
    "a string becomes an enum": (
        lambda s: s["properties"]["note"].update(enum=["", "x"]),
        "note gained its list of values",
    ),
    "a required field becomes optional": (
        lambda s: s["required"].remove("title"),
        "title is no longer required",
    ),
    "an optional field becomes required": (
        lambda s: s["required"].append("note"),
        "note became required",
    ),
    "a field becomes nullable": (
        lambda s: s["properties"].update(
            id={"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
        ),
        "id may now be null",
    ),
    "a field is nullable no more": (
        lambda s: s["properties"].update(seen_by={"$ref": "#/$defs/Kind"}),
        "seen_by may no longer be null",
    ),
    "a required field is new": (
        lambda s: (s["properties"].update(rain={"type": "string"}), s["required"].append("rain")),
        "rain is new and required",
    ),
    "a union gets one more variant": (
        lambda s: s["properties"]["weight"]["anyOf"].append({"type": "number"}),
        "weight changed its union",
    ),
    "a union loses a variant": (
        lambda s: s["properties"]["weight"]["anyOf"].pop(),
        "weight changed its",
    ),
    "a field of a list's items is removed": (
        lambda s: s["$defs"]["Drop"]["properties"].pop("size"),
        "drops[].size was removed",
    ),
    "a field of a list's items changes": (
        lambda s: s["$defs"]["Drop"]["properties"]["size"].update(type="number"),
        "drops[].size changed its type",
    ),
    "a list becomes a single thing": (
        lambda s: s["properties"].update(drops={"$ref": "#/$defs/Drop"}),
        "drops changed its type from array to object",
    ),
    "unknown fields become refused": (
        lambda s: s.update(additionalProperties=False),
        "the record changed its additionalProperties",
    ),
}

ALLOWED: dict[str, Change] = {
    "nothing changes": lambda _: None,
    "a field with a default is new": lambda s: s["properties"].update(
        rain={"type": "string", "default": ""}
    ),
    "words change": lambda s: (
        s.update(title="T", description="D"),
        s["$defs"]["Kind"].pop("title"),
    ),
    "a definition is put in place": lambda s: s["properties"].update(kind=s["$defs"]["Kind"]),
    "a definition is renamed": lambda s: (
        s["$defs"].update(Species=s["$defs"]["Kind"]),
        s["properties"].update(kind={"$ref": "#/$defs/Species"}),
    ),
}


def after(change: Change) -> dict[str, Schema]:
    schema = deepcopy(RELEASED)
    change(schema)
    return {TYPE: schema}


@pytest.mark.parametrize(("change", "complaint"), BREAKING.values(), ids=BREAKING)
def test_refused_when(change: Change, complaint: str) -> None:
    found = [str(breach) for breach in breaches({TYPE: RELEASED}, after(change))]
    assert any(message.startswith(f"{TYPE}: {complaint}") for message in found), found


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_allowed_when(change: Change) -> None:
    assert breaches({TYPE: RELEASED}, after(change)) == []


def test_refused_when_an_event_type_is_removed() -> None:
    (breach,) = breaches({TYPE: RELEASED}, {})
    assert str(breach) == f"{TYPE}: the record was removed"


def test_allowed_when_an_event_type_is_new() -> None:
    assert breaches({}, {TYPE: RELEASED}) == []


def test_one_change_is_reported_once_for_each_field_that_it_breaks() -> None:
    found = breaches({TYPE: RELEASED}, after(lambda s: s["$defs"]["Kind"]["enum"].append("x")))
    assert [breach.field for breach in found] == ["kind", "seen_by"]


def test_the_command_prints_every_breach(
    tmp_path: Path, contracts_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas = contracts_folder / "schemas"
    (tmp_path / "envelope.json").write_text((schemas / "envelope.json").read_text("utf-8"), "utf-8")
    assert main([str(schemas), str(tmp_path)]) == 1
    assert "florin.clients.client.registered.v1: the record was removed" in capsys.readouterr().out
    assert main([str(tmp_path), str(schemas)]) == 0


def test_a_folder_without_schemas_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no schemas"):
        read_schemas(tmp_path)


def schema_of(contracts_folder: Path, name: str) -> Any:
    return read_schemas(contracts_folder / "schemas")[name]


def test_a_real_schema_broken_inside_money_is_refused_where_money_is(
    contracts_folder: Path,
) -> None:
    name = "florin.payers.invoice.issued.v1"
    broken = deepcopy(schema_of(contracts_folder, name))
    broken["$defs"]["Money"]["properties"]["amount"] = {"type": "number"}
    found = breaches({name: schema_of(contracts_folder, name)}, {name: broken})
    assert {breach.field for breach in found} == {"total.amount", "lines[].amount.amount"}
