"""When a signing key becomes another thing: next, then current, then retired, then removed.

A key signs only after it was published for long enough that every verifier knows it, and stays
published until the last token that it signed has ended; so no request fails for a rotation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from florin_identity.models.signing_key import KeyState, SigningKey

RING_AGE_MAX: Final = timedelta(minutes=1)
"""How long a process may go on signing with, and publishing, the keys as it last read them."""

Make: TypeAlias = Callable[[KeyState, datetime], SigningKey]


class Wanted(Enum):
    """What is asked for."""

    COMPLETE = "complete"
    """A key that signs and one that will, should one of them be missing."""
    IF_DUE = "if due"
    """Another key, if the present one has signed for its time."""
    READY = "ready"
    """Another key, once every verifier knows it."""
    NOW = "now"
    """Another key, whether or not every verifier knows it: those that do not will ask."""
    COMPROMISED = "compromised"
    """Other keys, and none of the present ones: whatever they signed is refused."""


class Schedule(NamedTuple):
    """How long a key signs, how long it is published before, and for how long it is after."""

    period: timedelta
    lead: timedelta
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to change, in the order in which it is: there are never two that sign."""

    removed: list[SigningKey]
    succession: tuple[SigningKey, SigningKey] | None
    made: list[SigningKey]

    @property
    def rotated(self) -> bool:
        """Whether another key signs than before."""
        return bool(self.succession) or any(key.state is KeyState.CURRENT for key in self.made)


def turn(
    keys: Sequence[SigningKey], now: datetime, schedule: Schedule, make: Make, wanted: Wanted
) -> Turn:
    """What is to change of the keys, as is wanted and due; what is over is removed by the way."""
    if wanted is Wanted.COMPROMISED:
        return Turn([*keys], None, [make(s, now) for s in (KeyState.CURRENT, KeyState.NEXT)])
    over = [key for key in keys if _is_over(key, now, schedule)]
    by_state = {key.state: key for key in keys if key.state is not KeyState.RETIRED}
    current, following = by_state.get(KeyState.CURRENT), by_state.get(KeyState.NEXT)
    made = [] if current else [make(KeyState.CURRENT, now)]
    if current and following and _is_wanted(current, following, now, schedule, wanted):
        return Turn(over, (current, following), [make(KeyState.NEXT, now)])
    if following is None:
        made.append(make(KeyState.NEXT, now))
    return Turn(over, None, made)


def ready_at(keys: Sequence[SigningKey], schedule: Schedule) -> datetime | None:
    """When every verifier knows the next key; none if there is no such key."""
    return next((k.since + schedule.lead for k in keys if k.state is KeyState.NEXT), None)


def _is_over(key: SigningKey, now: datetime, schedule: Schedule) -> bool:
    return key.state is KeyState.RETIRED and now >= key.since + schedule.keep


def _is_wanted(
    current: SigningKey, following: SigningKey, now: datetime, schedule: Schedule, wanted: Wanted
) -> bool:
    if wanted is Wanted.NOW:
        return True
    ready = now >= following.since + schedule.lead
    if wanted is Wanted.READY:
        return ready
    return wanted is Wanted.IF_DUE and ready and now >= current.since + schedule.period
