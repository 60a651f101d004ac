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
from tests.faults.about_money import ledger_adds_up, numbers_are_gapless
from tests.faults.about_recovery import as_before, promises
from tests.faults.evidence import Evidence
from tests.faults.history import History

Check = Callable[[History, Evidence], Iterable[str]]


@dataclass(frozen=True)
class Verdict:
    """One invariant after a run; `breaches` is `None` when it cannot be checked here yet."""

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
    "I12": own_tenant,
    "I13": numbers_are_gapless,
    "no 500": no_internal_errors,
    "no 5xx": no_interruption,
    "promise": promises,
}
_NOT_YET: Final = {
    "I10": "the history holds no revocations yet; `identity.revocation_s` measures them",
    "I11": "the history holds no failed sign-ins yet",
}


def judge(history: History, evidence: Evidence) -> list[Verdict]:
    """Every invariant, in its order."""
    verdicts = [
        Verdict(name, _says(check), tuple(check(history, evidence)))
        for name, check in _CHECKS.items()
    ]
    verdicts += [Verdict(name, reason, None) for name, reason in _NOT_YET.items()]
    return sorted(verdicts, key=_rank)


def _says(check: Check) -> str:
    name, _, says = (check.__doc__ or "").partition(": ")
    return says if name in _CHECKS else check.__doc__ or ""


def _rank(verdict: Verdict) -> tuple[bool, int, str]:
    number = verdict.invariant.removeprefix("I")
    return (not number.isdigit(), int(number) if number.isdigit() else 0, number)
