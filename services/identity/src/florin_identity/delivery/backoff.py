"""When what could not be sent is tried again."""

import random
from typing import Final

_FIRST_S: Final = 30.0
_S_MAX: Final = 3_600.0
_random = random.SystemRandom()


def delay_s(tries: int) -> float:
    """Seconds until the next try after so many have failed: doubling, to an hour, with jitter."""
    planned: float = min(_FIRST_S * 2 ** min(tries - 1, 10), _S_MAX)
    return planned * _random.uniform(1, 1.2)
