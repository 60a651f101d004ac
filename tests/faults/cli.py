"""What `make faults` runs: a system of its own, load, faults, and the verdicts."""

import argparse
import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from random import Random

from rich.console import Console
from tests.faults import report
from tests.faults.arena import arena
from tests.faults.catalogue import FAULTS
from tests.faults.console import Say
from tests.faults.run import Run

_LOG_COLUMNS = 140
_DURATION_S = 600.0


def main(arguments: Sequence[str] | None = None, results: Path = report.RESULTS) -> int:
    """0 when every invariant held; 1 when one was broken; other errors are raised."""
    parsed = _parser().parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console.width = _LOG_COLUMNS
    seed = secrets.randbelow(1_000_000) if parsed.seed is None else parsed.seed
    chosen = [FAULTS[name] for name in parsed.only or FAULTS]
    say = Say(console)
    say(f"seed {seed}; {', '.join(parsed.only) or 'all faults in turn'}, {parsed.duration:.0f} s")
    with arena(Random(seed), say) as system:  # noqa: S311 - chance that can be repeated
        say(f"the system is up in {system.folder}")
        finding = asyncio.run(Run(system, chosen, parsed.duration).run())
        report.write(finding, seed, parsed.duration, results)
        if not all(verdict.holds for verdict in finding.verdicts):
            report.keep_logs(system.folder)
    console.print(report.operations(finding))
    for name, reason in finding.skipped.items():
        console.print(f"not applicable: {name}: {reason}", style="yellow", soft_wrap=True)
    console.print(report.invariants(finding))
    for line in report.trust(finding.history):
        console.print(line, highlight=False, soft_wrap=True)
    for line in report.breaches(finding):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(f"seed {seed}; written to {results}", highlight=False)
    return 0 if all(verdict.holds for verdict in finding.verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    lines = (f"  {name:18}{_first_line(fault)}\n" for name, fault in FAULTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description="Does harm to a running system under load, and checks that no promise broke.",
        epilog="faults:\n" + "".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", metavar="FAULTS", type=_names, default=[], help="comma separated; all if absent"
    )
    parser.add_argument("--duration", metavar="S", type=float, default=_DURATION_S, help="seconds")
    parser.add_argument("--seed", type=int, help="repeats the moments and the choices of a run")
    return parser


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - FAULTS.keys():
        raise argparse.ArgumentTypeError(f"no such fault: {', '.join(sorted(unknown))}")
    return names


def _first_line(fault: type) -> str:
    return (fault.__doc__ or "").partition("\n")[0]
