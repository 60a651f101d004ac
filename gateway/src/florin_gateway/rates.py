"""How often one address and one caller may ask: counted in memory, by each replica for itself."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from florin_chassis.actor import Actor
from florin_chassis.errors import Quota, TooManyRequests
from florin_chassis.origin import network_of
from florin_gateway.settings import Settings

STATE: Final = "rates"
"""Where a request's scope holds what is left, for the answer's headers."""

_ROUNDING_S: Final = 1e-6
"""What adding up many shares of a window may be off by."""


class Rate:
    """A quota for each key: a burst of all of it, refilled evenly (GCRA, one number a key).

    Only the `keys_max` that were seen last are remembered: memory is bounded, whoever asks.
    """

    def __init__(
        self, quota: Quota, keys_max: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.quota, self._keys_max, self._clock = quota, keys_max, clock
        self._each_s = quota.window_s / quota.count
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> str:
        """One request; what is left, for `RateLimit`. Raises `TooManyRequests`."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + self._each_s
        over_s = full_at - now - self.quota.window_s
        if over_s > _ROUNDING_S:
            detail = f"more than {self.quota.count} requests in {self.quota.window_s} seconds"
            raise TooManyRequests(detail, self.quota, math.ceil(over_s - _ROUNDING_S))
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._keys_max:
            self._full_at.popitem(last=False)
        left = int((_ROUNDING_S - over_s) / self._each_s)
        return self.quota.state(left, math.ceil(full_at - now - _ROUNDING_S))


class Rates:
    """The limits that are set; none by default."""

    def __init__(self, settings: Settings) -> None:
        self._address = _rate("address", settings.rate_per_address, settings)
        self._caller = _rate("caller", settings.rate_per_caller, settings)

    def count_address(self, scope: Scope) -> None:
        """Before anything costly. Raises `TooManyRequests`."""
        if self._address is not None:
            client = scope.get("client")
            _count(scope, self._address, network_of(client[0] if client else None))

    def count_caller(self, scope: Scope, actor: Actor) -> None:
        """Once it is known who asks. Raises `TooManyRequests`."""
        if self._caller is not None:
            _count(scope, self._caller, actor.name)


def _rate(name: str, count: int, settings: Settings) -> Rate | None:
    quota = Quota(name, count, settings.rate_window_s)
    return Rate(quota, settings.rate_keys_max) if count else None


def _count(scope: Scope, rate: Rate, key: str) -> None:
    states, policies = scope.setdefault(STATE, ([], []))
    states.append(rate.take(key).encode())
    policies.append(rate.quota.policy().encode())
