"""The gate as CI runs it: every way to break a consumer, or not to tell it, ends with a failure."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contracts.catalogue.registry import CONTRACTS

FACT = "florin.payers.invoice.issued.v1"
STATE = "florin.payers.invoice.state.v1"
NULL = {"type": "null"}
Change = Callable[[dict[str, Any]], object]

BREAKING: dict[str, tuple[Change, str]] = {
    "a field is removed": (
        lambda s: (s["properties"].pop("number"), s["required"].remove("number")),
        "number was removed",
    ),
    "a field is renamed": (
        lambda s: s["properties"].update(no=s["properties"].pop("number")),
        "number was removed",
    ),
    "a field gets another type": (
        lambda s: s["properties"]["number"].update(type="integer"),
        "number changed its type from string to integer",
    ),
    "a field is narrowed": (
        lambda s: s["properties"]["number"].update(maxLength=20),
        "number changed its maxLength from None to 20",
    ),
    "a nested field is narrowed": (
        lambda s: s["$defs"]["Money"]["properties"]["amount"].update(pattern="^[0-9]+$"),
        "total.amount changed its pattern",
    ),
    "a field is widened": (
        lambda s: s["properties"].update(total={"anyOf": [s["properties"]["total"], NULL]}),
        "total may now be null",
    ),
    "a required field is new": (
        lambda s: (s["properties"].update(due={"type": "string"}), s["required"].append("due")),
        "due is new and required",
    ),
    "a required field becomes optional": (
        lambda s: s["required"].remove("number"),
        "number is no longer required",
    ),
    "a vocabulary is closed": (
        lambda s: s["properties"]["status"].update(enum=["issued", "paid"]),
        "status gained its list of values",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Contracts that are as released."""
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS / "schemas", folder / "schemas")
    shutil.copytree(CONTRACTS / "schemas", folder / "released" / "schemas")
    (folder / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [0.1.0]\n", "utf-8")
    return folder


def make(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(CONTRACTS.parent), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def gate(folder: Path) -> tuple[bool, str]:
    """Whether `make compatible`, a part of `make check`, passes these contracts; what it says."""
    done = make("compatible", f"CONTRACTS={folder}")
    return done.returncode == 0, done.stdout


def edit(folder: Path, name: str, change: Change) -> None:
    path = folder / "schemas" / f"{name}.json"
    schema = json.loads(path.read_text("utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), "utf-8")


def tell(folder: Path, words: str) -> None:
    path = folder / "CHANGELOG.md"
    heading = "## [Unreleased]\n"
    path.write_text(path.read_text("utf-8").replace(heading, f"{heading}- {words}\n"), "utf-8")


def add_a_field(schema: dict[str, Any]) -> None:
    schema["properties"]["note"] = {"type": "string", "default": ""}


def test_ci_runs_the_gate() -> None:
    command = "florin_contracts.compatibility contracts/released/schemas"
    assert command in make("--dry-run", "check").stdout


def test_contracts_as_released_pass(copy: Path) -> None:
    passed, said = gate(copy)
    assert passed, said


@pytest.mark.parametrize("name", [FACT, STATE])
@pytest.mark.parametrize(("change", "complaint"), BREAKING.values(), ids=BREAKING)
def test_a_break_is_refused_even_when_it_is_told(
    copy: Path, name: str, change: Change, complaint: str
) -> None:
    edit(copy, name, change)
    tell(copy, f"`{name}` is broken.")
    passed, said = gate(copy)
    assert not passed
    assert f"{name}: {complaint}" in said


@pytest.mark.parametrize("name", [FACT, STATE, "envelope"])
def test_a_contract_that_goes_is_refused(copy: Path, name: str) -> None:
    (copy / "schemas" / f"{name}.json").unlink()
    tell(copy, f"`{name}` is gone.")
    passed, said = gate(copy)
    assert not passed
    assert f"{name}: the record was removed" in said


@pytest.mark.parametrize("name", [FACT, STATE, "envelope"])
def test_an_addition_passes_once_it_is_told(copy: Path, name: str) -> None:
    edit(copy, name, add_a_field)
    passed, said = gate(copy)
    assert not passed
    assert f"{name}: changed, and {copy}/CHANGELOG.md is silent" in said
    tell(copy, f"`{name}` has a note.")
    assert gate(copy)[0]


def test_a_new_type_passes_once_it_is_told(copy: Path) -> None:
    newer = FACT.replace(".v1", ".v2")
    shutil.copy(copy / "schemas" / f"{FACT}.json", copy / "schemas" / f"{newer}.json")
    assert not gate(copy)[0]
    tell(copy, f"`{newer}` is new.")
    assert gate(copy)[0]


def test_what_an_older_release_told_counts_no_more(copy: Path) -> None:
    edit(copy, FACT, add_a_field)
    path = copy / "CHANGELOG.md"
    path.write_text(path.read_text("utf-8") + f"- `{FACT}` has a note.\n", "utf-8")
    assert not gate(copy)[0]
