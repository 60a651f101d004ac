"""Reads the outbox by id, again and again, minding ids that are still missing."""

from collections.abc import Sequence

from asyncpg import Connection

from florin_chassis.road.gaps import Gap
from florin_chassis.road.intake import Intake
from florin_chassis.road.records import COLUMNS, Row

_COLUMNS = ", ".join(COLUMNS)
_NEW = f"SELECT {_COLUMNS} FROM outbox WHERE id > $1 ORDER BY id LIMIT $2"  # noqa: S608
_LATE = (  # the two arrays are the bounds of gaps
    f"SELECT {_COLUMNS} FROM unnest($1::bigint[], $2::bigint[]) g(a, z)"  # noqa: S608
    " JOIN outbox ON id BETWEEN a AND z ORDER BY id"
)
_HOLDERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'outbox'::regclass AND mode = 'RowExclusiveLock'"
)


class Polling:
    """The source that always works: it asks the table."""

    def __init__(self, connection: Connection, intake: Intake, rows_max: int) -> None:
        self._connection = connection
        self._intake = intake
        self._rows_max = rows_max

    async def step(self) -> int:
        """Take in what has become visible, `rows_max` at most; how many rows that were."""
        window = self._intake.window
        new = await self._connection.fetch(_NEW, window.highest, self._rows_max)
        late, dead = await self._look_into_gaps()
        await self._take_in(late, new, dead)
        return len(late) + len(new)

    async def mind_gaps(self) -> None:
        """Take in what was missing, and forget what will never come: while another source reads."""
        late, dead = await self._look_into_gaps()
        await self._take_in(late, [], dead)

    async def _look_into_gaps(self) -> tuple[Sequence[Row], list[Gap]]:
        """The rows in gaps that are visible by now, and the gaps that are dead but for these."""
        window = self._intake.window
        gaps = list(window.gaps)
        if not gaps:
            return [], []
        holders = frozenset(row[0] for row in await self._connection.fetch(_HOLDERS))
        dead = window.resolvable(holders)
        window.suspect(holders)
        firsts, lasts = [gap.first for gap in gaps], [gap.last for gap in gaps]
        return await self._connection.fetch(_LATE, firsts, lasts), dead

    async def _take_in(self, late: Sequence[Row], new: Sequence[Row], dead: list[Gap]) -> None:
        # What comes late goes before what is new: its key's next event may be among the new.
        await self._intake.accept([*late, *new])
        self._intake.window.bury(dead)
