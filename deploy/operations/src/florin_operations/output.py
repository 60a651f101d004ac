"""What a command prints: a table for a person, or JSON for a script, never both."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table


def print_json(content: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(_plain(content), indent=2, ensure_ascii=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; numbers stand right. Nothing that is printed is read as markup."""
    table = Table(title=title, title_justify="left", highlight=False)
    found = [[cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(found) and all(_is_number(row[index]) for row in found)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in found:
        table.add_row(*row)
    console().print(table, markup=False)


def say(text: str) -> None:
    """A sentence on standard output."""
    console().print(text, markup=False, highlight=False, soft_wrap=True)


def cell(value: object) -> str:
    """How a value stands in a table."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case timedelta():
            return _duration(value.total_seconds())
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case _:
            return str(value)


def console() -> Console:
    """Standard output as it is now; as wide as what it holds where nobody looks at it."""
    width = None if sys.stdout.isatty() else 200
    return Console(file=sys.stdout, width=width, markup=False)


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").removeprefix("-").isdecimal()


def _duration(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {int(seconds) % 60:02} s"


def _plain(content: Any) -> Any:
    if is_dataclass(content) and not isinstance(content, type):
        return _plain(asdict(content))
    match content:
        case dict():
            return {str(key): _plain(value) for key, value in content.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in content]
        case timedelta():
            return content.total_seconds()
        case None | bool() | int() | float() | str():
            return content
        case _:
            return str(content)
