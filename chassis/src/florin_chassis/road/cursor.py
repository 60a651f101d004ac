"""Where a consumer stands in a partition's log, and whether it is still the same log: pure."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What the next record of a log says about the log."""

    FOLLOWS = "follows"
    """It is the next one; or ones between were compacted away."""
    KNOWN = "known"
    """It is the last one that was handled, read once more for comparison."""
    JUMPS = "jumps"
    """Records are missing before it: compacted away, or removed before they were read."""
    REPLACED = "replaced"
    """It cannot be of the log that was read before: the topic was wiped or made anew."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """All before `next_offset` is handled; the record before it had `last_timestamp`, if known."""

    next_offset: int = 0
    last_timestamp: int | None = None

    @property
    def seek_to(self) -> int:
        """Where to read on from: the last handled record is compared first, where it is known."""
        compares = self.last_timestamp is not None and self.next_offset > 0
        return self.next_offset - 1 if compares else self.next_offset

    def judge(self, offset: int, timestamp: int) -> Verdict:
        """What to make of the next record that the log returns."""
        if offset == self.next_offset:
            return Verdict.FOLLOWS
        if offset > self.next_offset:
            return Verdict.JUMPS
        if offset == self.seek_to and timestamp == self.last_timestamp:
            return Verdict.KNOWN
        return Verdict.REPLACED

    def past(self, offset: int, timestamp: int) -> "Cursor":
        """The cursor after a record."""
        return Cursor(offset + 1, timestamp)
