"""Reads a part of an imported file: lines of CSV or of JSON, without judging what they say."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from florin_chassis.errors import Malformed
from florin_providers.models.catalogue_row import COLUMNS, REQUIRED

LINE_BYTES_MAX: Final = 65_536


class ImportFormat(StrEnum):
    """CSV with a header (RFC 4180, a record a line), or a JSON object a line."""

    CSV = "csv"
    JSON = "json"


class Unreadable(Malformed):
    """What was sent is no text of the format: which line, and why."""

    code = "unreadable_import"

    @classmethod
    def at(cls, line: int, reason: str) -> "Unreadable":
        """At a line of the whole file, counted from 1."""
        return cls(f"line {line}: {reason}", line=line, reason=reason)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, as the columns and what is in them."""

    number: int
    cells: dict[str, Any]

    @property
    def product_code(self) -> str:
        """What it is sorted by; whatever it holds, a text."""
        return str(self.cells.get("product_code", ""))[:64].replace("\x00", "")

    @property
    def plan_code(self) -> str:
        """Likewise."""
        return str(self.cells.get("plan_code", ""))[:64].replace("\x00", "")


def read_part(
    data: bytes, format_: ImportFormat, header: Sequence[str], first: int
) -> tuple[tuple[str, ...], list[Line]]:
    """The header and the lines of a part that begins at line `first`, empty ones left out.

    A part ends with the end of a line. Raises `Unreadable`.
    """
    numbered = [(first + i, raw) for i, raw in enumerate(data.split(b"\n"))]
    columns, lines = tuple(header), []
    for number, raw in numbered:
        text = _decoded(raw, number)
        if not text.strip():
            continue
        if format_ is ImportFormat.CSV and not columns:
            columns = _header(_cells(text, number), number)
        elif format_ is ImportFormat.CSV:
            lines.append(Line(number, _record(_cells(text, number), columns, number)))
        else:
            lines.append(Line(number, _object(text, number)))
    return columns, lines


def _decoded(raw: bytes, number: int) -> str:
    if len(raw) > LINE_BYTES_MAX:
        raise Unreadable.at(number, f"a line has at most {LINE_BYTES_MAX} bytes")
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Unreadable.at(number, f"is not UTF-8, at byte {error.start + 1}") from error
    if "\x00" in text:
        raise Unreadable.at(number, "holds a NUL: is it UTF-16?")
    return text


def _cells(text: str, number: int) -> list[str]:
    try:
        (cells,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError) as error:
        raise Unreadable.at(number, f"is no CSV record in one line: {error}") from error
    return cells


def _header(names: list[str], number: int) -> tuple[str, ...]:
    faults = {
        "unknown": [n for n in names if n not in COLUMNS],
        "named twice": sorted({n for n in names if names.count(n) > 1}),
        "missing": [n for n in REQUIRED if n not in names],
    }
    told = [f"{what}: {', '.join(found)}" for what, found in faults.items() if found]
    if told:
        raise Unreadable.at(number, f"the header's columns; {'; '.join(told)}"[:1_000])
    return tuple(names)


def _record(cells: list[str], columns: Sequence[str], number: int) -> dict[str, Any]:
    if len(cells) != len(columns):
        raise Unreadable.at(number, f"has {len(cells)} cells, and the header {len(columns)}")
    return {name: cell for name, cell in zip(columns, cells, strict=True) if cell != ""}


def _object(text: str, number: int) -> dict[str, Any]:
    if "\\u0000" in text:
        raise Unreadable.at(number, "holds a NUL")
    try:
        cells = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable.at(number, f"is no JSON: {error}") from error
    if not isinstance(cells, dict):
        raise Unreadable.at(number, "is no JSON object")
    if unknown := [name[:64] for name in cells if name not in COLUMNS]:
        raise Unreadable.at(number, f"unknown columns: {', '.join(unknown[:10])}")
    return {name: cell for name, cell in cells.items() if cell is not None}
