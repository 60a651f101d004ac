"""The gate that lets a released contract change by addition only.

`python -m florin_contracts.compatibility RELEASED_SCHEMAS PRESENT_SCHEMAS [--changelog FILE]`

Old and new programs run at the same time, so both directions must hold: a new reader takes old
data, and an old reader takes new data. Both ignore fields they do not know. What remains allowed is
a new type, and a new field that a reader may miss (one with a default). All else is refused:
what narrows a value fails the new reader of old data, what widens it the old reader of new data.
So a released field never goes, and a contract that passes against the last release passes against
every release before it; schema registries call that FULL_TRANSITIVE.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from florin_contracts.changelog import untold

INDEX = "index"
"""The file beside the schemas that lists them."""

Schema = dict[str, Any]

_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}
_COMPARED_APART = {"properties", "required", "enum", "anyOf", "items"}
_NULL = {"type": "null"}


@dataclass(frozen=True)
class Breach:
    """One change that breaks a released contract; `field` is a path, empty for a whole record."""

    type: str
    field: str
    change: str

    def __str__(self) -> str:
        return f"{self.type}: {self.field or 'the record'} {self.change}"


def breaches(released: dict[str, Schema], present: dict[str, Schema]) -> list[Breach]:
    """Every breach between two sets of schemas, each by record type; empty when there is none."""
    found = [Breach(name, "", "was removed") for name in released.keys() - present.keys()]
    for name in released.keys() & present.keys():
        old, new = (_normal(schemas[name], schemas[name]) for schemas in (released, present))
        found += [Breach(name, field, change) for field, change in _compare("", old, new)]
    return sorted(found, key=str)


def _compare(field: str, old: Schema, new: Schema) -> Iterator[tuple[str, str]]:
    was_nullable, before = _split_null(old)
    is_nullable, after = _split_null(new)
    if was_nullable and not is_nullable:
        yield field, "may no longer be null, but is in old data"
    if is_nullable and not was_nullable:
        yield field, "may now be null, which old readers refuse"
    yield from _compare_keywords(field, before, after)
    yield from _compare_enums(field, before, after)
    yield from _compare_properties(field, before, after)
    if "items" in before and "items" in after:
        yield from _compare(f"{field}[]", before["items"], after["items"])


def _split_null(schema: Schema) -> tuple[bool, Schema]:
    """Whether null is allowed, and what is allowed beside it."""
    variants = schema.get("anyOf", [])
    others = [variant for variant in variants if variant != _NULL]
    rest = others[0] if len(others) == 1 else {**schema, **({"union": others} if others else {})}
    return _NULL in variants, rest


def _compare_keywords(field: str, old: Schema, new: Schema) -> Iterator[tuple[str, str]]:
    for keyword in sorted((old.keys() | new.keys()) - _COMPARED_APART):
        if old.get(keyword) != new.get(keyword):
            yield field, f"changed its {keyword} from {old.get(keyword)} to {new.get(keyword)}"


def _compare_enums(field: str, old: Schema, new: Schema) -> Iterator[tuple[str, str]]:
    if ("enum" in old) != ("enum" in new):
        yield field, f"{'gained' if 'enum' in new else 'lost'} its list of values"
        return
    before, after = set(old.get("enum", ())), set(new.get("enum", ()))
    for value in sorted(before - after):
        yield field, f"lost the value {value!r}, which old data may hold"
    for value in sorted(after - before):
        yield field, f"got the value {value!r}, which old readers refuse"


def _compare_properties(field: str, old: Schema, new: Schema) -> Iterator[tuple[str, str]]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() | is_required):
        path = f"{field}.{name}".removeprefix(".")
        if name not in before:
            yield path, "is new and required, but old data lacks it: give it a default"
        elif name not in after:
            yield path, "was removed"
        else:
            if name in was_required - is_required:
                yield path, "is no longer required, but old readers need it"
            if name in is_required - was_required:
                yield path, "became required, but old data may lack it"
            yield from _compare(path, before[name], after[name])


def _normal(schema: Schema, root: Schema) -> Schema:
    """The schema with references put in place and without what does not bind a reader."""
    while reference := schema.get("$ref"):
        schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return {
        keyword: _normal_value(keyword, value, root)
        for keyword, value in schema.items()
        if keyword not in _ANNOTATIONS
    }


def _normal_value(keyword: str, value: Any, root: Schema) -> Any:
    if keyword == "properties":  # its keys are names of fields, which may be called "title"
        return {name: _normal(schema, root) for name, schema in value.items()}
    if isinstance(value, dict):
        return _normal(value, root)
    if isinstance(value, list):
        return [_normal(item, root) if isinstance(item, dict) else item for item in value]
    return value


def read_schemas(folder: Path) -> dict[str, Schema]:
    """The schemas of a folder by record type; raises `FileNotFoundError` when it holds none."""
    paths = (path for path in folder.glob("*.json") if path.stem != INDEX)
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in paths}
    if not schemas:
        raise FileNotFoundError(f"{folder} holds no schemas")
    return schemas


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every breach; the exit status is 1 when there is one."""
    parser = argparse.ArgumentParser(prog="florin_contracts.compatibility")
    parser.add_argument("released", type=Path, help="folder of the last release's schemas")
    parser.add_argument("present", type=Path, help="folder of today's schemas")
    parser.add_argument("--changelog", type=Path, help="where each change must be told")
    options = parser.parse_args(arguments)
    released, present = read_schemas(options.released), read_schemas(options.present)
    complaints = [str(breach) for breach in breaches(released, present)]
    if options.changelog:
        silent = untold(released, present, options.changelog.read_text("utf-8"))
        complaints += [f"{name}: changed, and {options.changelog} is silent" for name in silent]
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
