"""Takes in outbox rows from whichever source finds them first: each goes on once, in order."""

from collections.abc import Awaitable, Callable, Sequence

from florin_chassis.road.chains import Load
from florin_chassis.road.gaps import Window
from florin_chassis.road.publishing import Publisher
from florin_chassis.road.records import Reader, Row

LOADS_MAX = 2
"""So many are on their way while the next is being read."""
_LOOK_S = 1.0


class Intake:
    """What a reader has seen, what of it is on its way, and up to where all of it is on Kafka."""

    def __init__(self, reader: Reader, publisher: Publisher, position: int) -> None:
        self.window = Window(position)
        self._reader = reader
        self._publisher = publisher
        self._loads: list[Load] = []
        self.while_waiting: Callable[[], Awaitable[None]] = _nothing
        """Called every second while Kafka takes nothing more; what it raises ends the waiting."""

    @property
    def position(self) -> int:
        """Every id up to this one is on Kafka or dead."""
        self._loads = [load for load in self._loads if not load.is_done]
        return min([self.window.position, *(load.position for load in self._loads)])

    @property
    def sent(self) -> int:
        """Every visible id up to this one is on Kafka; what is missing below may yet come."""
        on_their_way = [load.position for load in self._loads if not load.is_done]
        return min([self.window.highest, *on_their_way])

    async def accept(self, rows: Sequence[Row]) -> Load | None:
        """Publish those that are new, after all before them; `None` when there are none.

        Waits before, while as much is on its way as may be.
        """
        await self._room()
        new = [row for row in rows if self.window.is_new(row[0])]
        if not new:
            return None
        load = Load(min(row[0] for row in new))
        self._loads.append(load)
        load.outstanding = 1  # so that the position stays below until all of it is counted
        self.window.see(row[0] for row in new)
        await self._publisher.submit(load, self._reader.records(new))
        load.outstanding -= 1
        return load

    async def drained(self) -> None:
        """Return when nothing is on its way any more; what is held stays held."""
        while self._on_their_way():
            await self._publisher.moved(_LOOK_S)

    async def _room(self) -> None:
        while self._on_their_way() >= LOADS_MAX or self._publisher.is_full:
            await self._publisher.moved(_LOOK_S)
            await self.while_waiting()

    def _on_their_way(self) -> int:
        return sum(1 for load in self._loads if load.outstanding)


async def _nothing() -> None:
    """Nobody wants to be called."""
