"""What was tried at the sign-in, by those who know the password and by those who do not."""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why somebody tries."""

    ATTACK = "attack"
    TIMING = "timing"
    """To compare how long refusals take, one at a time."""

    HOME = "home"
    """The user itself, from where it signed in before."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One sign-in. `exists` says whether there is such a login, `right` if this is its password.

    `quota` names the limit of a refusal that says one. `answer` is everything that an answer tells
    beside that; no answer has a `status` of `None`.
    """

    login: str
    address: str
    purpose: Purpose
    exists: bool
    right: bool
    started: float
    ended: float
    status: int | None
    quota: str = ""
    answer: str = ""

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return self.ended - self.started
