"""What differs between two JSON values, place by place."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import BaseModel

Json: TypeAlias = Any


class Op(StrEnum):
    """What became of a place; the words are those of JSON Patch (RFC 6902, section 4)."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


class Difference(BaseModel):
    """One place that is not as it was; `before` is null where it is new, `after` where it went."""

    op: Op
    path: str
    """A JSON Pointer (RFC 6901); an element of a list that has an `id` is named by that."""
    before: Json
    after: Json


def differences(before: Json, after: Json, path: str = "") -> Iterator[Difference]:
    """Every place that differs, the innermost that tells it.

    Lists whose elements have ids are compared element by element, unless they were put in another
    order; lists of the same length by position; any other list is one value.
    """
    parts = _parts(before, after)
    if parts is None:
        if type(before) is not type(after) or before != after:
            yield Difference(op=Op.REPLACE, path=path, before=before, after=after)
        return
    old, new = parts
    for name in [*old, *(name for name in new if name not in old)]:
        place = f"{path}/{_escaped(name)}"
        if name not in new:
            yield Difference(op=Op.REMOVE, path=place, before=old[name], after=None)
        elif name not in old:
            yield Difference(op=Op.ADD, path=place, before=None, after=new[name])
        else:
            yield from differences(old[name], new[name], place)


def _parts(before: Json, after: Json) -> tuple[Mapping[str, Json], Mapping[str, Json]] | None:
    """The two as parts by name; none where only the whole can be compared."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before, after
    if not (isinstance(before, list) and isinstance(after, list)):
        return None
    old, new = _by_id(before), _by_id(after)
    if old is not None and new is not None:
        stayed = [id_ for id_ in old if id_ in new]
        return (old, new) if list(new)[: len(stayed)] == stayed else None
    if len(before) == len(after):
        return _by_position(before), _by_position(after)
    return None


def _by_id(elements: Sequence[Json]) -> dict[str, Json] | None:
    if not all(isinstance(e, Mapping) and isinstance(e.get("id"), str) for e in elements):
        return None
    named = {element["id"]: element for element in elements}
    return named if len(named) == len(elements) else None


def _by_position(elements: Sequence[Json]) -> dict[str, Json]:
    return {str(position): element for position, element in enumerate(elements)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
