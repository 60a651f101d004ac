"""Made-up runs in which tokens were shown about and taken back, for the tests of the checker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.faults.about_trust import REFRESH
from tests.faults.evidence import Evidence
from tests.faults.history import History, Outcome
from tests.faults.made_up import attempt, evidence, history
from tests.faults.outages import Outage, Outages
from tests.faults.trust import Emergency, Revocation, Sighting, Token

Run = tuple[History, Evidence]
TOKEN = Token("token", "session", issued=10.0, good_until=69.0, expires=75.0)
DROPPED = Emergency(19.9, 20.0)


class _Past(Outages):
    """Outages that are over, as somebody says."""

    def __init__(self, *outages: Outage) -> None:
        super().__init__(lambda: 0.0)
        self._over += outages


def run(
    *sightings: Sighting,
    revoked: Revocation | None = None,
    dropped: Emergency | None = None,
    out: Outage | None = None,
) -> Run:
    """The good run, in which the token was shown about as well."""
    told = history()
    told.sightings += sightings
    told.revocations += [revoked] if revoked else []
    told.emergencies += [dropped] if dropped else []
    told.outages = _Past(*([out] if out else ()))
    return told, evidence()


def seen(at: float, believed: bool | None = True, door: str = "payers") -> Sighting:
    """The token shown to payers at this moment, and believed."""
    return Sighting(TOKEN, door, at, at + 0.01, believed, "none")


def revoked(kind: str = "sign out") -> Revocation:
    """Asked for at 19.9 s, acknowledged at 20."""
    return Revocation(TOKEN, kind, 19.9, 20.0, "none")


def _with_401(at: float, dropped: Emergency | None = None) -> Run:
    told, found = run(dropped=dropped)
    refused = {"status": 401, "outcome": Outcome.NOT_NOW, "body": {"code": "unauthenticated"}}
    told.record(attempt("another", started=at, ended=at + 0.1, **refused))
    return told, found


BREACHES_OF_TRUST: Final[dict[str, tuple[str, Callable[[], Run]]]] = {
    "a token believed after a sign-out": ("I10", lambda: run(seen(21.1), revoked=revoked())),
    "a token believed again after it was refused": (
        "I10",
        lambda: run(seen(22.0, believed=False), seen(40.0), revoked=revoked()),
    ),
    "a token believed long after an outage": (
        "I10",
        lambda: run(seen(41.1), revoked=revoked(), out=Outage("kafka", 15.0, 30.0)),
    ),
    "a token believed after an outage long before": (
        "I10",
        lambda: run(seen(21.1), revoked=revoked(), out=Outage("kafka", 2.0, 9.0)),
    ),
    "a token believed although what was out is not on the way": (
        "I10",
        lambda: run(seen(21.1), revoked=revoked(), out=Outage("providers relay", 15.0, 30.0)),
    ),
    "a token believed at a door though another was paused": (
        "I10",
        lambda: run(seen(21.1), revoked=revoked(), out=Outage("clients", 15.0, 30.0)),
    ),
    "a token that outlives itself while the bus is down": (
        "I10",
        lambda: run(seen(75.1), revoked=revoked(), out=Outage("kafka", 15.0, float("inf"))),
    ),
    "a token that outlives itself": ("I10", lambda: run(seen(75.1))),
    "a token of a key that was dropped": ("I10", lambda: run(seen(30.1), dropped=DROPPED)),
    "a revoked token believed by a clock that is behind": (
        "I10",
        lambda: run(seen(21.1), revoked=revoked(), out=Outage("clock of payers", 15.0, 30.0)),
    ),
    "a good token refused after the clock was put right": (
        "no 401",
        lambda: run(seen(31.0, believed=False), out=Outage("clock of payers", 15.0, 30.0)),
    ),
    "a good token refused": ("no 401", lambda: run(seen(20.0, believed=False))),
    "a token refused before its revocation": (
        "no 401",
        lambda: run(seen(19.0, believed=False), revoked=revoked()),
    ),
    "a token of the new keys refused long after an emergency": (
        "no 401",
        lambda: run(
            replace(seen(32.0, believed=False), token=replace(TOKEN, issued=31.0)), dropped=DROPPED
        ),
    ),
    "a session not let on in an emergency": (
        "no 401",
        lambda: run(seen(21.0, believed=False, door=REFRESH), dropped=DROPPED),
    ),
    "a caller refused": ("no 401", lambda: _with_401(20.0)),
    "a caller refused long after an emergency": ("no 401", lambda: _with_401(31.0, DROPPED)),
}
NO_BREACH_OF_TRUST: Final[dict[str, Callable[[], Run]]] = {
    "a token believed within a second": lambda: run(seen(20.9), revoked=revoked()),
    "a revoked token refused": lambda: run(seen(22.0, believed=False), revoked=revoked()),
    "a door that does not answer": lambda: run(seen(22.0, believed=None), revoked=revoked()),
    "a revoked token believed while Kafka is away": lambda: run(
        seen(39.0), revoked=revoked(), out=Outage("kafka", 15.0, 30.0)
    ),
    "a right believed while the relay of providers is away": lambda: run(
        seen(39.0), revoked=revoked("take right"), out=Outage("providers relay", 15.0, 30.0)
    ),
    "a revoked token believed at a door that had been paused": lambda: run(
        seen(24.0), revoked=revoked(), out=Outage("payers", 20.5, 23.0)
    ),
    "a token refused at its end": lambda: run(seen(69.5, believed=False)),
    "an old token refused in an emergency": lambda: run(
        seen(21.0, believed=False), dropped=DROPPED
    ),
    "an old token refused long after an emergency": lambda: run(
        seen(40.0, believed=False), dropped=DROPPED
    ),
    "a token refused by a clock that is ahead": lambda: run(
        seen(21.0, believed=False), out=Outage("clock of payers", 15.0, 30.0)
    ),
    "a token that outlives itself by a clock that is behind": lambda: run(
        seen(76.0), out=Outage("clock of payers", 15.0, 90.0)
    ),
    "a revoked session not let on": lambda: run(
        seen(21.0, believed=False, door=REFRESH), revoked=revoked()
    ),
    "a caller refused in an emergency": lambda: _with_401(21.0, DROPPED),
}
