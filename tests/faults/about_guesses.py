"""I11: a sign-in is locked after as many failures as are allowed, and tells of no login."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tests.faults.evidence import Evidence
from tests.faults.guesses import Guess, Purpose
from tests.faults.history import History
from tests.faults.ranks import compare

LOCK_S: Final = 300
"""How long the first lock lasts in the system that is attacked; its shortest window is longer."""

SAMPLES_MIN: Final = 50
P_MIN: Final = 0.001
"""Of two alike distributions, one comparison in a thousand is called a difference."""

_WRONG, _LOCKED, _SIGNED_IN, _FAULT = 401, 429, 201, 500


class Limit(NamedTuple):
    """So many failures of whatever has the same key; `name` is how an answer calls it."""

    name: str
    failures: int
    of: Callable[[Guess], tuple[str, ...]]


LIMITS: Final = (
    Limit("sign-in-login-address", 10, lambda guess: (guess.login, guess.address)),
    Limit("sign-in-address", 100, lambda guess: (guess.address,)),
    Limit("sign-in-login", 100, lambda guess: (guess.login,)),
)


def tells_nothing(history: History, evidence: Evidence) -> Iterator[str]:
    """I11: lockout is exact, keeps no user out; answers and their time tell no login."""
    del evidence
    strangers = [guess for guess in history.guesses if guess.purpose is not Purpose.HOME]
    for limit in LIMITS:
        for key, guesses in _grouped(strangers, limit.of).items():
            yield from _miscounted(limit, key, guesses)
    yield from _shut_out([g for g in history.guesses if g.purpose is Purpose.HOME])
    yield from _telling_answers(history.guesses)
    yield from _telling_times([g for g in history.guesses if g.purpose is Purpose.TIMING])


def _miscounted(limit: Limit, key: tuple[str, ...], guesses: Sequence[Guess]) -> Iterator[str]:
    """Within the time for which a lock lasts that the first of them may have begun."""
    name = f"{limit.name} {key}"
    first = min(guess.started for guess in guesses)
    in_time = [guess for guess in guesses if guess.started < first + LOCK_S]
    failed = [guess for guess in in_time if guess.status == _WRONG]
    if len(failed) > limit.failures:
        yield f"{name}: {len(failed)} failures passed, not {limit.failures}"
    locked_at = min((g.ended for g in in_time if g.quota == limit.name), default=None)
    if locked_at is None:
        return
    # One without an answer may have counted, or not.
    before = [g for g in in_time if g.started < locked_at and (g in failed or not _is_answered(g))]
    if len(before) < limit.failures:
        yield f"{name}: locked after {len(before)} failures, not {limit.failures}"
    for guess in in_time:
        if guess.status == _SIGNED_IN and guess.started > locked_at:
            yield f"{name}: somebody signed in behind the lock"


def _shut_out(at_home: Sequence[Guess]) -> Iterator[str]:
    for guess in at_home:
        if _is_answered(guess) and guess.status != _SIGNED_IN:
            yield f"{guess.login} was answered {guess.status} where it signed in before"
    if at_home and all(guess.status != _SIGNED_IN for guess in at_home):
        yield f"of {len(at_home)} sign-ins of users themselves none succeeded"


def _telling_answers(guesses: Sequence[Guess]) -> Iterator[str]:
    for status in (_WRONG, _LOCKED):
        answers = {guess.answer for guess in guesses if guess.status == status}
        if len(answers) > 1:
            yield f"{len(answers)} different answers {status}: {' or '.join(sorted(answers))}"


def _telling_times(guesses: Sequence[Guess]) -> Iterator[str]:
    """By the test of Mann and Whitney, which assumes nothing of how times are distributed."""
    if not guesses:
        return
    answered = [guess for guess in guesses if guess.status == _WRONG]
    known = [guess.seconds for guess in answered if guess.exists]
    unknown = [guess.seconds for guess in answered if not guess.exists]
    if min(len(known), len(unknown)) < SAMPLES_MIN:
        yield f"{len(known)} and {len(unknown)} refusals are too few to compare their times"
        return
    found = compare(known, unknown)
    if found.p < P_MIN:
        yield (
            f"of a known and an unknown login the known takes longer in {found.share:.0%} of cases "
            f"(p = {found.p:.1g})"
        )


def _is_answered(guess: Guess) -> bool:
    return guess.status is not None and guess.status < _FAULT


def _grouped(
    guesses: Sequence[Guess], key: Callable[[Guess], tuple[str, ...]]
) -> Mapping[tuple[str, ...], list[Guess]]:
    found: dict[tuple[str, ...], list[Guess]] = defaultdict(list)
    for guess in guesses:
        found[key(guess)].append(guess)
    return found
