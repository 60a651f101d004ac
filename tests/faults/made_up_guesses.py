"""Made-up runs in which passwords were guessed, for the tests of the checker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from tests.faults.evidence import Evidence
from tests.faults.guesses import Guess, Purpose
from tests.faults.history import History
from tests.faults.made_up import evidence, history

Run = tuple[History, Evidence]
_WRONG, _LOCKED = '{"code": "wrong_credentials"}', '{"code": "too_many_attempts"}'
_ONE = {"login": "one@example.com", "address": "127.1.0.1"}


def run(*guesses: Guess) -> Run:
    """The good run, in which somebody guessed passwords as well."""
    told = history()
    told.guesses += guesses
    return told, evidence()


def guess(number: int = 0, **changes: Any) -> Guess:
    """A wrong password, tried from an address of its own on a login of its own."""
    tried = Guess(
        login=f"user{number}@example.com",
        address=f"127.1.0.{number}",
        purpose=Purpose.ATTACK,
        exists=True,
        right=False,
        started=100.0 + number / 10,
        ended=100.05 + number / 10,
        status=401,
        answer=_WRONG,
    )
    return replace(tried, **changes)


def attack(failures: int, quota: str = "sign-in-login-address", **of_all: Any) -> list[Guess]:
    """So many failures, then two refusals of the lock."""
    locked = {"status": 429, "quota": quota, "answer": _LOCKED}
    return [guess(n, **of_all, **(locked if n >= failures else {})) for n in range(failures + 2)]


def at_home(**changes: Any) -> Guess:
    """A user signs in from where it did before, while it is attacked."""
    home: dict[str, Any] = {"purpose": Purpose.HOME, "right": True, "status": 201, "answer": ""}
    return guess(**{**home, "login": _ONE["login"], "address": "127.0.0.1", **changes})


def timed(slower_s: float, samples: int = 60) -> list[Guess]:
    """Refusals by turns, of 50 to 60 ms; those of known logins take so much longer."""
    found = []
    for number in range(2 * samples):
        known, started = number % 2 == 0, 100.0 + number
        seconds = 0.05 + (number // 2 * 7919 % 1000) / 100_000 + (slower_s if known else 0)
        one = guess(number, purpose=Purpose.TIMING, exists=known, started=started)
        found.append(replace(one, ended=started + seconds))
    return found


BREACHES_OF_THE_SIGN_IN: Final[dict[str, tuple[str, Callable[[], Run]]]] = {
    "one failure more than a lock allows": ("I11", lambda: run(*attack(11, **_ONE))),
    "a lock before its time": ("I11", lambda: run(*attack(9, **_ONE))),
    "no lock at all": ("I11", lambda: run(*attack(12, **_ONE)[:12])),
    "a login open to a hundred and one addresses": (
        "I11",
        lambda: run(*attack(101, "sign-in-login", login="one@example.com")),
    ),
    "an address open to a hundred and one logins": (
        "I11",
        lambda: run(*attack(101, "sign-in-address", address="127.1.0.1")),
    ),
    "the right password behind the lock": (
        "I11",
        lambda: run(*attack(10, **_ONE), guess(50, right=True, status=201, answer="", **_ONE)),
    ),
    "a user locked out at home": (
        "I11",
        lambda: run(at_home(), at_home(status=429, answer=_LOCKED)),
    ),
    "a user who is never let in": (
        "I11",
        lambda: run(at_home(status=503, answer=""), at_home(status=None, answer="")),
    ),
    "an answer that tells of a login": (
        "I11",
        lambda: run(guess(1), guess(2, exists=False, answer='{"code": "unknown_login"}')),
    ),
    "a lock that tells of a login": (
        "I11",
        lambda: run(
            *attack(10, **_ONE), guess(13, status=429, answer="{}", quota="", exists=False)
        ),
    ),
    "refusals that take a tenth longer for a known login": ("I11", lambda: run(*timed(0.005))),
    "refusals that are quicker for a known login": ("I11", lambda: run(*timed(-0.04))),
    "too few refusals to compare": ("I11", lambda: run(*timed(0, samples=40))),
}
NO_BREACH_OF_THE_SIGN_IN: Final[dict[str, Callable[[], Run]]] = {
    "exactly as many failures as a lock allows": lambda: run(*attack(10, **_ONE)),
    "a failure whose answer was lost": lambda: run(
        *attack(9, **_ONE), guess(0, status=None, answer="", **_ONE)
    ),
    "a lost answer that did not count": lambda: run(
        *attack(10, **_ONE), guess(0, status=503, answer="", **_ONE)
    ),
    "failures again after the lock": lambda: run(
        *attack(10, **_ONE), *(guess(n, **_ONE) for n in range(3_100, 3_105))
    ),
    "a user at home while it is attacked": lambda: run(
        *attack(10, **_ONE), at_home(), at_home(status=503, answer="")
    ),
    "refusals that take alike": lambda: run(*timed(0.0)),
    "refusals that differ by less than anyone can tell": lambda: run(*timed(0.0001)),
}
