"""What `make bench` runs: picks benchmarks, measures them one after another, reports."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tests.bench import report
from tests.bench.api import api
from tests.bench.catalogue import catalogue
from tests.bench.delivery import delivery
from tests.bench.events import events
from tests.bench.gateway import gateway
from tests.bench.harness import Benchmark, Family, Result
from tests.bench.identity import identity
from tests.bench.inbox import inbox
from tests.bench.outbox import outbox
from tests.bench.process import process
from tests.bench.servers import Servers
from tests.bench.stack import stack

from florin_chassis.logs import configure_logs

LOG_COLUMNS = 140
"""How wide the table is where no terminal says how wide it may be."""

FAMILIES = (
    Family("outbox", [*outbox.benchmarks, *delivery.benchmarks]),
    inbox,
    events,
    api,
    catalogue,
    gateway,
    identity,
    process,
    stack,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every benchmark ran, whatever its figures; 1 when one could not."""
    parsed = _parser().parse_args(arguments)
    if parsed.markdown:
        figures = [figure for benchmark in _chosen(parsed.only) for figure in benchmark.figures]
        sys.stdout.write(report.markdown(report.RESULTS, figures) + "\n")
        return 0
    chosen = _chosen(parsed.only)
    configure_logs("bench", "WARNING")
    console = Console()
    if not console.is_terminal:
        console.width = LOG_COLUMNS
    console.print(report.machine(), highlight=False)
    results, could_not_run = _run(chosen, console)
    report.write(results, report.RESULTS)
    console.print(report.table(results))
    console.print(report.legend(results), highlight=False, soft_wrap=True)
    console.print(f"written to {report.RESULTS}", highlight=False)
    return 1 if could_not_run else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measures Florin against what it is built on, side by side: the median of the "
        "ratios of at least five rounds. It reports; only a benchmark that cannot run is a fault.",
        epilog="figures:\n" + "".join(f"  {name}\n" for name in sorted(_by_name())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        metavar="NAME",
        choices=[family.name for family in FAMILIES] + list(_by_name()),
        help=f"one family ({', '.join(family.name for family in FAMILIES)}) or one figure",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="measure nothing; print the last results as a table"
    )
    return parser


def _by_name() -> dict[str, Benchmark]:
    return {
        figure.name: benchmark
        for family in FAMILIES
        for benchmark in family.benchmarks
        for figure in benchmark.figures
    }


def _chosen(only: str | None) -> list[Benchmark]:
    if only in _by_name():
        return [_by_name()[only]]
    return [b for family in FAMILIES if only in (None, family.name) for b in family.benchmarks]


def _run(chosen: Sequence[Benchmark], console: Console) -> tuple[list[Result], bool]:
    results: list[Result] = []
    could_not_run = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Servers() as servers, Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        everything = bar.add_task("all", total=sum(benchmark.turns for benchmark in chosen))
        for benchmark in chosen:
            name = ", ".join(figure.name for figure in benchmark.figures)
            bar.update(everything, description=name)
            try:
                results += benchmark.run(servers, lambda: bar.advance(everything))
            except Exception:  # noqa: BLE001 - the others still run, and the exit code tells
                console.print(f"[bold red]could not run:[/] {name}")
                console.print_exception()
                could_not_run = True
            else:
                console.print(f"measured: {name}", highlight=False)
    return results, could_not_run
