"""What a person sees while a run is under way: one line per event, with the seconds since start."""

import time

from rich.console import Console


class Say:
    """Prints lines as things happen."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        self.console.print(f"{seconds:7.1f} s  {text}", highlight=False, markup=False)
