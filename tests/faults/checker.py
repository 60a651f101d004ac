"""Judges a run: every invariant against the history and the evidence. Pure: no input, no output."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tests.faults.about_answers import (
    kept_promises,
    no_internal_errors,
    no_interruption,
    one_answer,
    own_tenant,
    own_writes,
)
from tests.faults.about_events import in_order, one_effect, same_everywhere, together
from tests.faults.about_guesses import tells_nothing
from tests.faults.about_money import ledger_adds_up, numbers_are_gapless
from tests.faults.about_recovery import as_before, promises
from tests.faults.about_trust import believed_no_longer, believed_throughout
from tests.faults.evidence import Evidence
from tests.faults.history import History

Check = Callable[[History, Evidence], Iterable[str]]


@dataclass(frozen=True)
class Verdict:
    """One invariant after a run; `breaches` is `None` when the run gave no occasion for any."""

    invariant: str
    says: str
    breaches: tuple[str, ...] | None

    @property
    def holds(self) -> bool:
        """Whether nothing is known against it."""
        return not self.breaches


_CHECKS: Final[dict[str, Check]] = {
    "I1": same_everywhere,
    "I2": one_effect,
    "I3": in_order,
    "I4": ledger_adds_up,
    "I5": one_answer,
    "I6": kept_promises,
    "I7": own_writes,
    "I8": together,
    "I9": as_before,
    "I10": believed_no_longer,
    "I11": tells_nothing,
    "I12": own_tenant,
    "I13": numbers_are_gapless,
    "no 500": no_internal_errors,
    "no 5xx": no_interruption,
    "no 401": believed_throughout,
    "promise": promises,
}
_NO_OCCASION: Final[dict[str, Callable[[History], str]]] = {
    "I10": lambda history: "" if history.revocations else "nothing was revoked in this run",
    "I11": lambda history: "" if history.guesses else "nobody guessed passwords in this run",
}


def judge(history: History, evidence: Evidence) -> list[Verdict]:
    """Every invariant, in its order."""
    verdicts = [_judged(name, check, history, evidence) for name, check in _CHECKS.items()]
    return sorted(verdicts, key=_rank)


def _judged(name: str, check: Check, history: History, evidence: Evidence) -> Verdict:
    breaches = tuple(check(history, evidence))
    if not breaches and name in _NO_OCCASION and (why := _NO_OCCASION[name](history)):
        return Verdict(name, why, None)
    return Verdict(name, _says(check), breaches)


def _says(check: Check) -> str:
    name, _, says = (check.__doc__ or "").partition(": ")
    return says if name in _CHECKS else check.__doc__ or ""


def _rank(verdict: Verdict) -> tuple[bool, int, str]:
    number = verdict.invariant.removeprefix("I")
    return (not number.isdigit(), int(number) if number.isdigit() else 0, number)
