"""Prints the story: each step's sentence, what came back, and where everything is at the end."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from florin_local.errors import LocalStackError


class Narrator:
    """One numbered line per step, and what came back below it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._number = 0

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        """Announce a step; a mark in front of what came back says whether it held."""
        self._number += 1
        self._console.print(f"\n[bold]{self._number:2}. {escape(sentence)}[/]")
        started = time.monotonic()
        try:
            yield
        except LocalStackError as error:
            self._console.print(f"    [red]✗ {escape(str(error))}[/]")
            raise
        self._console.print(f"    [green]✓[/] [dim]{time.monotonic() - started:.1f} s[/]")

    def came_back(self, lines: Iterable[str]) -> None:
        """What a step brought, one thing a line."""
        for line in lines:
            self._console.print(f"    [cyan]{escape(line)}[/]")

    def aside(self, text: str) -> None:
        """Something that happens beside the story, such as a service being stopped."""
        self._console.print(f"    [yellow]{escape(text)}[/]")

    def ending(self, places: Iterable[tuple[str, str]]) -> None:
        """Where a person finds what runs now."""
        self._console.print("\n[bold green]The story holds. The system goes on running:[/]")
        for name, place in places:
            self._console.print(f"  {name:14} {escape(place)}")
