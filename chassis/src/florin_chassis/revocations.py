"""Which tokens are refused before their time, in memory for as long as such a token could live."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from florin_chassis.errors import Unauthenticated, Unavailable

_FOR_GOOD: Final = 1 << 63
"""Above every version."""
SKEW_S: Final = 900.0
"""What clocks may differ by. A token that one of them holds for good is not forgotten earlier."""


class TokenRevoked(Unauthenticated):
    """The token was good once; what it was issued in has ended, or allows less by now."""

    code = "token_revoked"


class Stamp(NamedTuple):
    """What a revocation can name of a token: see `florin_contracts.tokens`."""

    holder: UUID
    issued_in: UUID | None
    version: int

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Self:
        """The stamp of a verified token; raises `KeyError` or `ValueError` where it has none."""
        person = claims.get("act", claims)
        issued_in = claims.get("sid")
        return cls(UUID(person["sub"]), UUID(issued_in) if issued_in else None, int(claims["ver"]))


class Revocations:
    """Filled by a watch; asked at every request. Forgets what no token can be older than.

    `life_s` is the longest life of a token. Time counts from when a revocation was heard of.
    """

    def __init__(self, life_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.life_s, self._clock = life_s, clock
        self._below: dict[UUID, tuple[int, float]] = {}
        self._settled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._below)

    def add(self, subject: UUID, below: int | None = None) -> None:
        """Refuse tokens of the subject with a lower version; without one, those issued in it."""
        known, _ = self._below.pop(subject, (0, 0.0))
        self._below[subject] = max(known, below or _FOR_GOOD), self._clock()  # the newest is last
        self.forget()

    def forget(self) -> None:
        """Drop whatever is older than any token."""
        oldest = self._clock() - self.life_s - SKEW_S
        while self._below:
            subject, (_, at) = next(iter(self._below.items()))
            if at > oldest:
                return
            del self._below[subject]

    def refuse(self, stamp: Stamp) -> None:
        """Raise `TokenRevoked` if the token is refused by now."""
        if not self._below:
            return
        for named in (stamp.holder, stamp.issued_in):
            if named in self._below and stamp.version < self._below[named][0]:
                raise TokenRevoked("the access token was revoked")

    @property
    def settled(self) -> bool:
        """Whether all that was revoked before the start is known, or cannot be known now."""
        return self._settled.is_set()

    def settle(self) -> None:
        """Have no request wait any longer."""
        self._settled.set()

    async def wait(self) -> None:
        """Return when settled, which the watch sees to in any case."""
        await self._settled.wait()

    async def check(self) -> None:
        """Raise `Unavailable` until settled: a process that is not should be asked nothing."""
        if not self.settled:
            raise Unavailable("what was revoked is not known yet")


def nothing_revoked() -> Revocations:
    """For a process that hears of no revocations: there a token's life is the only bound."""
    revocations = Revocations(math.inf)
    revocations.settle()
    return revocations
