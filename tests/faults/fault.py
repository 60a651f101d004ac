"""What every fault is: how it strikes, and how what it did is undone."""

import threading
import time
from abc import ABC, abstractmethod
from typing import ClassVar

from tests.faults.arena import Arena

_CALM_S_MAX = 30.0
_LOOK_S = 0.5


class Fault(ABC):
    """One way to do harm. `strike` may be called again and again, with the load running.

    A strike ends with the harm undone, as whoever looks after the system would undo it. The first
    sentence of the class's docstring says what it does.
    """

    name: ClassVar[str]
    pause_s: ClassVar[tuple[float, float]] = (0.5, 3.0)
    """How long to wait before the next strike: at least, at most."""

    disturbs: ClassVar[tuple[str, ...]] = ()
    """What is out of order while it strikes, beside processes, of which the fleet tells."""

    def __init__(self, arena: Arena, over: threading.Event) -> None:
        self.arena, self.rng, self.over = arena, arena.rng, over

    def not_applicable(self) -> str | None:
        """Why this fault cannot be had here, if it cannot."""
        return None

    @abstractmethod
    def strike(self) -> None:
        """Do harm once, and undo it."""

    def aftermath(self) -> None:  # noqa: B027 - most faults leave nothing to do
        """What a person has to do, once all strikes are over, before everything is well again."""

    def wait_for_calm(self) -> None:
        """What comes late for the fault before is not this one's doing; nor may it last."""
        deadline = time.monotonic() + _CALM_S_MAX
        while late := self.arena.witness.late():
            if time.monotonic() > deadline:
                self.arena.broken.append(f"{self.name}: {late} events were late before it began")
                return
            time.sleep(_LOOK_S)

    def stay(self, at_least: float, at_most: float) -> None:
        """A random time that is never cut short, for a fault that would be none if it were."""
        time.sleep(self.rng.uniform(at_least, at_most))

    def wait(self, at_least: float, at_most: float) -> None:
        """A random time, cut short when the fault's time is over."""
        self.over.wait(self.rng.uniform(at_least, at_most))
