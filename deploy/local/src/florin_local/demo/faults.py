"""Stops each service in turn while a step is under way that needs it, or will."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from florin_local.demo.narrator import Narrator
from florin_local.stack import Stack

_STOPPED_S_MAX = 1.5


class Fault(StrEnum):
    """What may be done to the system while the story is told."""

    STOP_EACH_SERVICE = "stop-each-service"


class Stops:
    """Which part is stopped during which step, by the step's name; starts it again."""

    def __init__(self, stack: Stack, narrator: Narrator, parts: Mapping[str, str]) -> None:
        self._stack, self._narrator, self._parts = stack, narrator, parts

    @contextmanager
    def around(self, step: str) -> Iterator[None]:
        """Begin the step with its part stopped; start that when the step is over, or soon.

        A step that needs the part itself meanwhile asks again and again.
        """
        if step not in self._parts:
            yield
            return
        part = self._parts[step]
        self._stack.stop_service(part)
        self._narrator.aside(f"{part} is stopped")
        over = threading.Event()
        starting = _Starting(self._stack, part, over)
        starting.start()
        try:
            yield
        finally:
            over.set()
            starting.join()
        if starting.error:
            raise starting.error
        self._narrator.aside(f"{part} runs again")


class _Starting(threading.Thread):
    """Starts a part when the step is over, or has waited for it long enough."""

    def __init__(self, stack: Stack, part: str, over: threading.Event) -> None:
        super().__init__(name=f"start {part}", daemon=True)
        self._stack, self._part, self._over = stack, part, over
        self.error: Exception | None = None

    def run(self) -> None:
        self._over.wait(_STOPPED_S_MAX)
        try:
            self._stack.start_service(self._part)
        except Exception as error:  # noqa: BLE001 - told to the storyteller, who raises it
            self.error = error
