"""The committed OpenAPI documents are what the code answers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = Path(__file__).parents[2] / "contracts" / "openapi"
PARTS = ("identity", "providers", "clients", "payers", "gateway")


@pytest.mark.parametrize("part", PARTS)
def test_the_committed_document_is_current(part: str) -> None:
    command = [sys.executable, "-m", f"florin_{part}", "openapi"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == _document(part), "run `make schemas` and commit what it writes"


@pytest.mark.parametrize("part", PARTS)
def test_every_operation_says_which_permission_it_needs(part: str) -> None:
    operations = [
        (path, method, operation)
        for path, methods in _document(part)["paths"].items()
        for method, operation in methods.items()
    ]
    assert operations
    missing = [f"{method} {path}" for path, method, o in operations if "x-permission" not in o]
    assert missing == []


def _document(part: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCUMENTS / f"{part}.json").read_text())
    return document
