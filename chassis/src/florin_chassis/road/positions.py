"""Up to which outbox id a reader has published: kept in the database, set back by an operator."""

from datetime import datetime

import structlog
from asyncpg import Connection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_READ = "SELECT position FROM relay_cursors WHERE reader = $1"
_MAKE = "INSERT INTO relay_cursors (reader, position) VALUES ($1, 0) ON CONFLICT DO NOTHING"
_MOVE = "UPDATE relay_cursors SET position = $3 WHERE reader = $1 AND position = $2 RETURNING 1"
_FIRST_SINCE = text("SELECT min(id) FROM outbox WHERE stated_at >= :since")
_SET_BACK = text(
    "UPDATE relay_cursors SET position = :position WHERE reader = :reader AND position > :position"
)
_log = structlog.get_logger(__name__)


class SetBack(Exception):
    """Somebody else has moved the position: what was seen above it is to be read again."""


class Position:
    """A reader's confirmed position, which this process alone moves on."""

    def __init__(self, connection: Connection, reader: str) -> None:
        self._connection = connection
        self._reader = reader
        self.confirmed = 0

    async def read(self) -> int:
        """Where to read on from."""
        await self._connection.execute(_MAKE, self._reader)
        self.confirmed = await self._connection.fetchval(_READ, self._reader)
        return self.confirmed

    async def confirm(self, position: int) -> None:
        """Move on to `position`. Raises `SetBack` when it is not where this process had left it."""
        if position == self.confirmed:
            moved = await self._connection.fetchval(_READ, self._reader) == position
        else:
            arguments = (self._reader, self.confirmed, position)
            moved = await self._connection.fetchval(_MOVE, *arguments) is not None
        if not moved:
            raise SetBack(self._reader)
        self.confirmed = position


async def rewind(engine: AsyncEngine, reader: str, since: datetime | int) -> bool:
    """Have a reader publish again what was stated since a time, or what lies above an outbox id.

    The running relay notices within about a second, and publishes it in the outbox's order before
    it goes on; consumers drop what they have had by its event id. What retention has removed from
    the outbox cannot come again. Returns whether the position was above that, and is set back.
    """
    async with engine.begin() as connection:
        position = since
        if isinstance(since, datetime):
            first = await connection.scalar(_FIRST_SINCE, {"since": since})
            if first is None:
                return False
            position = first - 1
        arguments = {"reader": reader, "position": position}
        done = await connection.execute(_SET_BACK, arguments)
    _log.info("rewound", reader=reader, position=position, moved=done.rowcount)
    return done.rowcount > 0
