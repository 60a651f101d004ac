"""What the fields of a model are, in words that a reader of any language knows."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from florin_contracts.schemas import Described

Schema = dict[str, Any]


def schema_of(model: type[BaseModel]) -> Schema:
    """The JSON Schema of a model, in which a reference is the name of a nested one."""
    return model.model_json_schema(schema_generator=Described, ref_template="{model}")


def field_rows(schema: Schema, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Name, type and meaning of some of a schema's fields."""
    required = set(schema.get("required", ()))
    return [_row(name, schema["properties"][name], required) for name in names]


def _row(name: str, field: Schema, required: set[str]) -> tuple[str, str, str]:
    type = _type(field) + ("" if name in required else ", may be missing")
    meaning = " ".join(filter(None, (field.get("description"), _words_so_far(field))))
    return f"`{name}`", type, meaning.replace("\n", " ").replace("|", "\\|")


def _type(field: Schema) -> str:
    if "$ref" in field:
        return f"[{field['$ref']}](#{field['$ref'].lower()})"
    if "anyOf" in field:
        return " or ".join(map(_type, field["anyOf"]))
    if field["type"] == "array":
        return f"list of {_type(field['items'])}"
    pattern = f"`{field['pattern']}`".replace("|", "\\|") if "pattern" in field else None
    shape = field.get("format") or pattern
    return f"{field['type']} ({shape})" if shape else str(field["type"])


def _words_so_far(field: Schema) -> str:
    """The words of a vocabulary that may grow."""
    words = next((f["examples"] for f in _within(field) if "examples" in f), ())
    return f"Today: {', '.join(f'`{word}`' for word in words)}." if words else ""


def _within(field: Schema) -> Iterator[Schema]:
    yield field
    for inner in (*field.get("anyOf", ()), *filter(None, (field.get("items"),))):
        yield from _within(inner)
