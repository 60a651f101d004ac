"""How far a long command is, on standard error, so that standard output stays the answer alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class ProgressBars:
    """A bar per thing that is done, from when it is first heard of."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks = {task.description: task.id for task in bars.tasks}

    def advance(self, what: str, done: int, total: int | None = None) -> None:
        """So much more of something is done, of so much in all where that is known."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.advance(self._tasks[what], done)


@contextmanager
def progress_bars() -> Iterator[ProgressBars]:
    """Bars while the block runs; nothing at all where nobody looks."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        yield ProgressBars(bars)
