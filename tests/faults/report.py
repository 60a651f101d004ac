"""What a run prints in the end, and leaves in a file."""

import json
import shutil
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table
from tests.faults.history import History, Outcome
from tests.faults.run import Finding

from florin_local.folders import FLORIN

RESULTS = FLORIN / "faults" / "results.json"
LOGS = FLORIN / "faults" / "log"
_SHOWN_MAX = 5


def operations(finding: Finding) -> Table:
    """A line for each fault: strikes, and what became of the writes that began meanwhile."""
    table = Table("fault", "strikes", "tried", "acknowledged", "refused", "unknown", "reads")
    for name, counts in _by_fault(finding.history).items():
        strikes = finding.struck.get(name)
        cells = [counts[what] for what in ("tried", "acknowledged", "refused", "unknown", "reads")]
        table.add_row(name, "" if strikes is None else str(strikes), *map(str, cells))
    return table


def invariants(finding: Finding) -> Table:
    """A line for each invariant: how often it was broken, and the first few times."""
    table = Table("invariant", "says", "breaches")
    for verdict in finding.verdicts:
        if verdict.breaches is None:
            table.add_row(verdict.invariant, verdict.says, "n/a", style="dim")
            continue
        count = len(verdict.breaches)
        table.add_row(
            verdict.invariant, verdict.says, str(count), style="bold red" if count else ""
        )
    return table


def trust(history: History) -> list[str]:
    """What I10 and I11 were counted on, a line each."""
    kinds = Counter(revocation.kind for revocation in history.revocations)
    tried = Counter(guess.purpose.value for guess in history.guesses)
    return [
        (
            f"revoked: {_counted(kinds)}; keys dropped {len(history.emergencies)} times; "
            f"{len(history.sightings)} times a token was shown"
        ),
        f"passwords tried: {_counted(tried)}",
    ]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def breaches(finding: Finding) -> list[str]:
    """The first few breaches of each invariant, for a person to look into."""
    lines = []
    for verdict in finding.verdicts:
        found = verdict.breaches or ()
        lines += [f"{verdict.invariant}: {breach}" for breach in found[:_SHOWN_MAX]]
        if len(found) > _SHOWN_MAX:
            lines.append(f"{verdict.invariant}: and {len(found) - _SHOWN_MAX} more")
    return lines


def write(finding: Finding, seed: int, seconds: float, path: Path) -> None:
    """The same for a program: operations, verdicts with all breaches, and every attempt."""
    document = {
        "seed": seed,
        "duration_s": seconds,
        "faults": {
            name: {"strikes": finding.struck.get(name), **counts}
            for name, counts in _by_fault(finding.history).items()
        },
        "not_applicable": finding.skipped,
        "invariants": [
            {"name": v.invariant, "says": v.says, "breaches": v.breaches} for v in finding.verdicts
        ],
        "history": [attempt.as_dict() for attempt in finding.history.attempts],
        "sightings": [asdict(one) for one in finding.history.sightings],
        "revocations": [asdict(one) for one in finding.history.revocations],
        "emergencies": [asdict(one) for one in finding.history.emergencies],
        "outages": [asdict(one) for one in finding.history.outages.all()],
        "guesses": [asdict(one) for one in finding.history.guesses],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, default=str) + "\n")


def keep_logs(folder: Path) -> None:
    """Copy what the processes have logged to where it outlives the system."""
    shutil.rmtree(LOGS, ignore_errors=True)
    shutil.copytree(folder / "log", LOGS)


def _by_fault(history: History) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for attempt in history.reads:
        counts.setdefault(attempt.fault, Counter())["reads"] += 1
    for operation in history.operations:
        line = counts.setdefault(operation.fault, Counter())
        line["tried"] += 1
        line[_WORDS[operation.outcome]] += 1
    return counts


_WORDS: dict[Outcome, Any] = {
    Outcome.OK: "acknowledged",
    Outcome.REFUSED: "refused",
    Outcome.NOT_NOW: "refused",
    Outcome.UNKNOWN: "unknown",
}
