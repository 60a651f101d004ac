"""Bodies that a schema accepts, as far as a schema tells: so that a refusal is about rights."""

from typing import Any, Final
from uuid import UUID

_FORMATS: Final[dict[str, str]] = {
    "uuid": str(UUID(int=7)),
    "email": "somebody@example.com",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uri": "https://example.com/",
}


def sample(schema: dict[str, Any], components: dict[str, Any] | None = None) -> Any:
    """A value of this JSON Schema, its required fields only."""
    known = components or schema.get("components", {})
    if reference := schema.get("$ref"):
        return sample(known["schemas"][reference.rpartition("/")[2]], known)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return sample(schema[choice][0], known)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, known)


def _of_type(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        # PATCHes require nothing, and something must be said.
        wanted = schema.get("required") or list(fields)[:1]
        return {name: sample(fields[name], known) for name in wanted if name in fields}
    if kind == "array":
        return [sample(schema["items"], known)] * int(schema.get("minItems", 0))
    if kind in {"integer", "number"}:
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return False
    return _text(schema)


def _text(schema: dict[str, Any]) -> str:
    """Country codes and slugs are what the patterns here are about."""
    if text := _FORMATS.get(schema.get("format", "")):
        return text
    if schema.get("pattern", "").startswith("^[A-Z]{2}"):
        return "RU"
    return "a" * max(int(schema.get("minLength", 1)), 1)
