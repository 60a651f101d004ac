"""When a delivery is tried again: a schedule of growing delays, with jitter, or when asked to."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

JITTER: Final = 0.2
"""A delay is longer by up to this part of it: what failed together is not tried together."""

ASKED_S_MAX: Final = 86_400

_random = random.SystemRandom()


def delay_s(tries: int, schedule_s: Sequence[int], asked_s: int | None) -> float | None:
    """Seconds until the next try after `tries` have failed; `None` when that was the last.

    A receiver that asked for more time by `Retry-After` gets it, up to a day.
    """
    if tries > len(schedule_s):
        return None
    planned = schedule_s[tries - 1] * _random.uniform(1, 1 + JITTER)
    return max(planned, min(asked_s or 0, ASKED_S_MAX))


def asked_delay_s(retry_after: str | None, now: datetime | None = None) -> int | None:
    """What `Retry-After` says, in seconds or as a date (RFC 9110, 10.2.3); `None` if nothing."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:10]), ASKED_S_MAX)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    left = (aware - (now or datetime.now(UTC))).total_seconds()
    return int(min(max(left, 0), ASKED_S_MAX))
