"""What the load asked and was answered: the history that is checked afterwards."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from tests.faults.guesses import Guess
from tests.faults.outages import Outages
from tests.faults.trust import Emergency, Revocation, Sighting


class Outcome(StrEnum):
    """What is known after one attempt."""

    OK = "ok"
    REFUSED = "refused"
    """A final no: nothing has happened."""

    NOT_NOW = "not now"
    """This attempt did nothing; the same request may be tried again."""

    UNKNOWN = "unknown"
    """It may have happened, or may yet."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request through the gateway. Attempts of one write share its idempotency key.

    `holds` says of a read after an acknowledged write whether the answer knew of the write, `None`
    when nothing was expected. `client` is the tenant in whose name was asked, empty for employees.
    """

    key: str
    kind: str
    started: float
    ended: float
    outcome: Outcome
    status: int | None
    body: Any
    fault: str
    client: str = ""
    stale: bool = False
    holds: bool | None = None

    @property
    def is_read(self) -> bool:
        """Whether nothing was to be changed."""
        return self.kind.startswith("read ")

    def as_dict(self) -> dict[str, Any]:
        """For the record of a run, without what the answer held."""
        return {name: value for name, value in asdict(self).items() if name != "body"}


@dataclass(frozen=True, slots=True)
class Operation:
    """All attempts of one write, oldest first."""

    key: str
    attempts: tuple[Attempt, ...]

    @property
    def kind(self) -> str:
        """What was to be done."""
        return self.attempts[0].kind

    @property
    def fault(self) -> str:
        """What was being done to the system when the operation began."""
        return self.attempts[0].fault

    @property
    def acknowledged(self) -> list[Attempt]:
        """The attempts that were answered with success."""
        return [attempt for attempt in self.attempts if attempt.outcome is Outcome.OK]

    @property
    def outcome(self) -> Outcome:
        """What is known in the end."""
        outcomes = {attempt.outcome for attempt in self.attempts}
        if Outcome.OK in outcomes:
            return Outcome.OK
        if Outcome.REFUSED in outcomes:
            return Outcome.REFUSED
        return Outcome.UNKNOWN if Outcome.UNKNOWN in outcomes else Outcome.NOT_NOW

    @property
    def digest(self) -> str:
        """The key as a service keeps it."""
        return sha256(self.key.encode()).hexdigest()


class History:
    """Everything that was asked, in the order of the answers, and what was out of order meanwhile.

    All moments are seconds since its beginning.
    """

    def __init__(self, attempts: Iterable[Attempt] = ()) -> None:
        self.attempts: list[Attempt] = list(attempts)
        self.sightings: list[Sighting] = []
        self.revocations: list[Revocation] = []
        self.emergencies: list[Emergency] = []
        self.guesses: list[Guess] = []
        self._began = time.monotonic()
        self.outages = Outages(self.now)

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def record(self, attempt: Attempt) -> None:
        """Add an attempt that has ended."""
        self.attempts.append(attempt)

    @property
    def reads(self) -> list[Attempt]:
        """The reads."""
        return [attempt for attempt in self.attempts if attempt.is_read]

    @property
    def operations(self) -> list[Operation]:
        """The writes, by the beginning of their first attempt."""
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in sorted(self.attempts, key=lambda attempt: attempt.started):
            if not attempt.is_read:
                attempts[attempt.key].append(attempt)
        return [Operation(key, tuple(found)) for key, found in attempts.items()]
