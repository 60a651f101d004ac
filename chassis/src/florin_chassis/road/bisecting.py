"""Which part of a batch to try next, so that one bad record costs few transactions: pure."""

from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""From the first index up to, not including, the second."""


class Bisection:
    """The spans of a batch still to be handled, in order; a failing one is split."""

    def __init__(self, size: int) -> None:
        self._spans: list[Span] = [(0, size)] if size else []

    @property
    def next(self) -> Span | None:
        """The span to try now; `None` when all is done."""
        return self._spans[-1] if self._spans else None

    @property
    def is_single(self) -> bool:
        """Whether one record is left to be tried alone."""
        return bool(self._spans) and self._spans[-1][1] - self._spans[-1][0] == 1

    def done(self) -> None:
        """The span has been handled."""
        self._spans.pop()

    def before(self, index: int) -> None:
        """Handle what stands before the `index`-th record of the span first."""
        start, end = self._spans.pop()
        self._push((start, start + index), (start + index, end))

    def around(self, index: int | None) -> None:
        """Set the `index`-th record of the span apart; halve the span if it is not known which."""
        start, end = self._spans.pop()
        if index is None:
            middle = (start + end) // 2
            self._push((start, middle), (middle, end))
        else:
            at = start + index
            self._push((start, at), (at, at + 1), (at + 1, end))

    def _push(self, *spans: Span) -> None:
        self._spans.extend(span for span in reversed(spans) if span[0] < span[1])
