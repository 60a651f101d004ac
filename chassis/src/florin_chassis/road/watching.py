"""Keeps a leading relay's position in the database, and shows how it is doing."""

import time

from asyncpg import Connection

from florin_chassis.metrics import OUTBOX_AGE, OUTBOX_POSITION, STATES_POSITION
from florin_chassis.road import slots
from florin_chassis.road.intake import Intake
from florin_chassis.road.positions import Position

_CONFIRM_S = 1.0
_SHOW_S = 10.0
_OLDEST = (
    "SELECT extract(epoch FROM now() - stated_at) FROM outbox WHERE id > $1 ORDER BY id LIMIT 1"
)


class Watch:
    """Of one reader; where it has a `slot`, of that too."""

    def __init__(
        self, connection: Connection, intake: Intake, position: Position, slot: str | None
    ) -> None:
        self._gauge = OUTBOX_POSITION if slot else STATES_POSITION
        self._connection = connection
        self._intake = intake
        self._position = position
        self._slot = slot
        self._confirm_at = self._show_at = 0.0

    def show(self) -> None:
        """Show the position, which acknowledgements and the end of gaps move on."""
        self._gauge.set(self._intake.position)

    async def look(self) -> None:
        """Do what is due. Raises `SetBack`."""
        self.show()
        now = time.monotonic()
        if now >= self._confirm_at:
            self._confirm_at = now + _CONFIRM_S
            await self.confirm()
        if self._slot and now >= self._show_at:
            self._show_at = now + _SHOW_S
            age = await self._connection.fetchval(_OLDEST, self._intake.sent)
            OUTBOX_AGE.set(float(age or 0))
            await slots.observe(self._connection, self._slot)

    async def confirm(self) -> None:
        """Write the position down. Raises `SetBack`."""
        await self._position.confirm(self._intake.position)
