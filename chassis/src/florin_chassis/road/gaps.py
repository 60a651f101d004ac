"""Which outbox ids have been seen, have still to be waited for, or may be forgotten: pure."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Gap:
    """Ids `first` to `last` that were taken and not seen; `holders` may still commit them."""

    first: int
    last: int
    holders: frozenset[str] | None = None


class Window:
    """Follows outbox ids, which are handed out in order and become visible in any order.

    An id missing below a visible one is of a transaction that is still open or has rolled back.
    It is dead once every transaction that could hold it has gone and it is still not visible. Ids
    above a gap are published at once: whoever holds the gap also holds the lock of its aggregate's
    row, so nothing of that aggregate can have been overtaken.
    """

    def __init__(self, position: int) -> None:
        self.highest = position
        self.gaps: list[Gap] = []
        """Ascending."""

    @property
    def position(self) -> int:
        """Every id up to this one has been seen or is dead."""
        return self.gaps[0].first - 1 if self.gaps else self.highest

    def is_new(self, seen: int) -> bool:
        """Whether the id has neither been seen nor buried."""
        return seen > self.highest or self._gap_of(seen) is not None

    def see(self, ids: Iterable[int]) -> None:
        """Record ids that became visible."""
        for seen in ids:
            if seen > self.highest:
                if seen > self.highest + 1:
                    self.gaps.append(Gap(self.highest + 1, seen - 1))
                self.highest = seen
            else:
                self._fill(seen)

    def _gap_of(self, seen: int) -> int | None:
        index = bisect_right(self.gaps, seen, key=lambda gap: gap.first) - 1
        return index if index >= 0 and seen <= self.gaps[index].last else None

    def _fill(self, seen: int) -> None:
        index = self._gap_of(seen)
        if index is not None:
            gap = self.gaps[index]
            left = Gap(gap.first, seen - 1, gap.holders)
            right = Gap(seen + 1, gap.last, gap.holders)
            self.gaps[index : index + 1] = [g for g in (left, right) if g.first <= g.last]

    def suspect(self, holders: frozenset[str]) -> None:
        """Note who could still commit the gaps that nobody was noted for."""
        for gap in self.gaps:
            if gap.holders is None:
                gap.holders = holders

    def resolvable(self, holders: frozenset[str]) -> list[Gap]:
        """The gaps of which no suspected holder is left: read them once more, then `bury` them."""
        return [g for g in self.gaps if g.holders is not None and not g.holders & holders]

    def bury(self, dead: Iterable[Gap]) -> None:
        """Forget gaps that were read again after their last holder had gone."""
        for gap in dead:
            first = bisect_right(self.gaps, gap.first - 1, key=lambda g: g.first)
            last = bisect_right(self.gaps, gap.last, key=lambda g: g.first)
            del self.gaps[first:last]
