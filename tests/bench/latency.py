"""What most of the times stay below."""

from collections.abc import Sequence
from statistics import quantiles


def p99_ms(seconds: Sequence[float]) -> float:
    """The 99th percentile in milliseconds; of fewer than 100 times it is nearly the longest."""
    return 1_000 * quantiles(seconds, n=100, method="inclusive")[98]
