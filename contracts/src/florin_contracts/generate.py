"""Write the JSON Schemas of every event and of the envelope, or check that they are up to date.

`python -m florin_contracts.generate [--check] [--out contracts]`
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.events import published_events

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_documents() -> dict[str, str]:
    """The text of every schema file by its name. The same contracts always give the same text."""
    documents = {
        f"{name}.json": _document(name, event) for name, event in published_events().items()
    }
    return {**documents, "envelope.json": _document("envelope", Envelope)}


def _document(name: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    heading: dict[str, Any] = {"$schema": DIALECT, "$id": schema_id(name)}
    heading |= {key: schema.pop(key) for key in ("title", "description")}
    return json.dumps(heading | schema, ensure_ascii=False, indent=2) + "\n"


def stale_files(folder: Path) -> list[str]:
    """The names of schema files that are missing, out of date, or belong to no event any more."""
    expected = schema_documents()
    present = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    names = expected.keys() | present.keys()
    return sorted(name for name in names if expected.get(name) != present.get(name))


def write_schemas(folder: Path) -> list[str]:
    """Bring the folder up to date; returns the names of the files that were not."""
    folder.mkdir(parents=True, exist_ok=True)
    stale, expected = stale_files(folder), schema_documents()
    for name in stale:
        if name in expected:
            (folder / name).write_text(expected[name], "utf-8")
        else:
            (folder / name).unlink()
    return stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when `--check` finds a stale file."""
    parser = argparse.ArgumentParser(prog="florin_contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a file is stale")
    parser.add_argument("--out", type=Path, default=Path("contracts"), help="where schemas/ is")
    options = parser.parse_args(arguments)
    folder: Path = options.out / "schemas"
    stale = stale_files(folder) if options.check else write_schemas(folder)
    for name in stale:
        print(f"{'stale' if options.check else 'written'}: {folder / name}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
