"""When a part was away, or the way to it was bad: what excuses that something came late."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outage:
    """One part, from when it may have been out of order until it was surely in order again."""

    part: str
    since: float
    until: float


class Outages:
    """The faults tell of them as they strike. Several of one part may overlap."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._open: dict[str, list[float]] = {}
        self._over: list[Outage] = []
        self._lock = threading.Lock()

    def began(self, part: str, since: float | None = None) -> None:
        """It is out of order from now on, or was already since then."""
        with self._lock:
            self._open.setdefault(part, []).append(self.now() if since is None else since)

    def ended(self, part: str) -> None:
        """It is in order again, whatever was the matter; nothing, if nothing was."""
        with self._lock:
            for since in self._open.pop(part, ()):
                self._over.append(Outage(part, since, self.now()))

    @contextmanager
    def of(self, *parts: str) -> Iterator[None]:
        """These are out of order as long as the block lasts."""
        since = self.now()
        try:
            yield
        finally:
            with self._lock:
                self._over += [Outage(part, since, self.now()) for part in parts]

    def all(self) -> list[Outage]:
        """What is over, and what lasts."""
        with self._lock:
            lasting = [
                Outage(part, since, float("inf"))
                for part, many in self._open.items()
                for since in many
            ]
            return [*self._over, *lasting]
