"""The guard that no handler sees an aggregate go backwards, and that counts what was skipped."""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_READ = text(
    "SELECT subject, sequence FROM consumed_sequences"
    " WHERE topic = :topic AND subject = ANY (CAST(:subjects AS uuid[]))"
)
_WRITE = text(
    "INSERT INTO consumed_sequences (topic, subject, sequence)"
    " SELECT :topic, s.subject, s.sequence FROM unnest(CAST(:subjects AS uuid[]),"
    " CAST(:sequences AS bigint[])) AS s(subject, sequence)"
    " ON CONFLICT (topic, subject) DO UPDATE SET sequence = excluded.sequence"
)


class Sequences:
    """The last sequence of each aggregate of one topic; only ever moves forward."""

    def __init__(self, topic: str, last: dict[UUID, int]) -> None:
        self.topic = topic
        self.gaps = 0
        self._last = last
        self._moved: set[UUID] = set()

    @classmethod
    async def read(cls, session: AsyncSession, topic: str, subjects: Collection[UUID]) -> Self:
        """What has been consumed of these aggregates."""
        rows = await session.execute(_READ, {"topic": topic, "subjects": list(subjects)})
        return cls(topic, dict(rows.all()))

    def step(self, subject: UUID, sequence: int) -> bool:
        """Move on to this event; `False` if it, or a later one of its aggregate, has been."""
        last = self._last.get(subject, 0)
        if sequence <= last:
            return False
        self.gaps += sequence > last + 1
        self._last[subject] = sequence
        self._moved.add(subject)
        return True

    async def write(self, session: AsyncSession) -> None:
        """Keep what has been consumed."""
        if self._moved:
            subjects = list(self._moved)
            values = {"subjects": subjects, "sequences": [self._last[s] for s in subjects]}
            await session.execute(_WRITE, {"topic": self.topic, **values})
