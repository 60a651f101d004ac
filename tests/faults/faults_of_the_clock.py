"""Faults of the clock: a process runs on one that is off by ten minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.about_trust import CLOCK_OF
from tests.faults.fault import Fault
from tests.faults.fleet import Member

OFF_S: Final = 600
_LIBRARIES: Final = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")


class ClockOff(Fault):
    """A process works on a clock that is ten minutes ahead or behind (needs libfaketime)."""

    name = "clock-off"
    pause_s = (11.0, 13.0)

    def not_applicable(self) -> str | None:
        """Only a library that is loaded before all others can lie about the time."""
        return (
            None
            if _library()
            else "libfaketime is not installed (Debian: apt-get install faketime)"
        )

    def strike(self) -> None:
        """Another replica comes with such a clock; where one of its kind works, it takes over.

        An API is no part of its service's address meanwhile: one that is ahead refuses every token
        as expired, and can do no other. What it must not do is to believe what was revoked.
        """
        fleet = self.arena.fleet
        old = self.rng.choice(fleet.of("api", "relay", "consumer", "scheduler"))
        off_s = self.rng.choice((OFF_S, -OFF_S))
        with self._clock(old.service, off_s):
            wrong = fleet.add(old.service, old.kind)
        with self.arena.history.outages.of(CLOCK_OF + wrong.name):
            self.arena.say(f"{self.name}: {wrong.name} is off by {off_s} s")
            if old.kind == "api":
                self._stand_aside(wrong)
            else:
                self._take_over(old)
            fleet.remove(wrong)

    def _stand_aside(self, wrong: Member) -> None:
        self.arena.fleet.leave_address(wrong)
        self.stay(8, 12)
        self.arena.fleet.join_address(wrong)

    def _take_over(self, old: Member) -> None:
        self.arena.fleet.ask_to_end(old)
        self.wait(3, 8)
        self.arena.fleet.start(old)

    @contextmanager
    def _clock(self, service: str, off_s: int) -> Iterator[None]:
        """For what is started within the block. Intervals are measured as ever."""
        environment = self.arena.stack.environment[service]
        lie = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME": f"{off_s:+d}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        environment |= lie
        try:
            yield
        finally:
            for name in lie:
                del environment[name]


def _library() -> Path | None:
    """Where the system's package puts it."""
    found = (path for root in _LIBRARIES for path in Path(root).glob("**/libfaketimeMT.so.1"))
    return next(found, None)
