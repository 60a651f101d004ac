"""What a run leaves behind: a table for people, a file for programs, and which machine it was."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text
from tests.bench.harness import Figure, Result

from florin_local.kafka_jars import kafka_jars
from florin_local.postgres_binaries import find_postgres

RESULTS = Path(__file__).parents[2] / "bench" / "results.json"


def machine() -> str:
    """What the figures were measured on, in one line."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    broker = next(kafka_jars().glob("kafka-clients-*.jar"))
    parts = [
        f"{os.cpu_count()} cores",
        f"{memory_gb:.0f} GB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        f"PostgreSQL {find_postgres().version}",
        f"Kafka {broker.stem.removeprefix('kafka-clients-')}",
        f"load {os.getloadavg()[0]:.1f}",
    ]
    return ", ".join(parts)


def record(result: Result) -> dict[str, Any]:
    """One entry of the results file."""
    figure = result.figure
    return {
        "name": figure.name,
        "value": round(result.value, 4),
        "unit": figure.unit,
        "subject": _side(figure.subject, result.subject, figure.reads),
        "baseline": _side(figure.baseline, result.baseline, figure.reads),
        "rounds": len(result.pairs),
        "min": round(min(result.ratios), 4),
        "max": round(max(result.ratios), 4),
        "measured_on": datetime.now(UTC).date().isoformat(),
    }


def write(results: Sequence[Result], path: Path) -> None:
    """Put what this run has measured into the file; what it has not measured stays as it was."""
    known = {line["name"]: line for line in _read(path)}
    known |= {result.figure.name: record(result) for result in results}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(known.values()), indent=2, ensure_ascii=False) + "\n")


def markdown(path: Path, figures: Sequence[Figure]) -> str:
    """What the file has of these figures, as the README shows it."""
    known = {line["name"]: line for line in _read(path)}
    rows = [_row(known[figure.name], figure) for figure in figures if figure.name in known]
    head = "| figure | subject | baseline | median (min to max) | target |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def _row(line: dict[str, Any], figure: Figure) -> str:
    spread = f"{line['value']:.3g} ({line['min']:.3g} to {line['max']:.3g})"
    sides = f"{_reading(line['subject'])} | {_reading(line['baseline'])}"
    return f"| `{figure.name}` | {sides} | {spread} | {figure.target} |"


def _reading(side: str | None) -> str:
    """A side's number and unit, without what it describes."""
    return "" if side is None else side.rpartition(": ")[2]


def _read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text()) if path.exists() else []


def table(results: Sequence[Result]) -> Table:
    """A line for each figure: its value, and the median readings of both sides."""
    shown = Table(title="Subject ÷ baseline, side by side", title_justify="left")
    shown.add_column("figure", no_wrap=True)
    for heading in ("subject", "baseline"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("unit of both")
    for heading in ("value", "min", "max", "target", ""):
        shown.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        shown.add_row(*_cells(result))
    return shown


def legend(results: Sequence[Result]) -> str:
    """What exactly was compared with what."""
    return "\n".join(
        f"{figure.name}\n    {figure.subject}"
        + (f"\n    ÷ {figure.baseline}" if figure.baseline else "")
        for figure in (result.figure for result in results)
    )


def _cells(result: Result) -> list[str | Text]:
    figure = result.figure
    is_met = figure.target.is_met(result.value)
    return [
        figure.name,
        _number(result.subject),
        "-" if result.baseline is None else _number(result.baseline),
        figure.reads,
        *map(_number, (result.value, min(result.ratios), max(result.ratios))),
        str(figure.target),
        Text("met", "green") if is_met else Text("not met", "bold red"),
    ]


def _side(description: str | None, reading: float | None, unit: str) -> str | None:
    if description is None or reading is None:
        return None
    return f"{description}: {_number(reading)} {unit}"


def _number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
