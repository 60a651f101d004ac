"""Claims what is due to be sent, so that no two processes send one thing at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Row, Table, func, select, text, update

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_identity.models.base import Base
from florin_identity.models.letter import Letter, LetterKind

_WAITING: Final = text("status = 'waiting'")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is this process' to send for as long as its lease; `claim` proves it."""

    id: UUID
    claim: UUID
    kind: LetterKind
    recipient: str
    details: dict[str, Any]
    tries: int


async def claim_letters(database: Database, most: int, lease_s: float) -> list[Claimed]:
    """At most so many letters, longest due first."""
    rows = await claim_due(database, Letter, most, lease_s)
    return [
        Claimed(row.id, row.claim, row.kind, row.recipient, row.details, row.tries) for row in rows
    ]


async def claim_due(
    database: Database, kind: type[Base], most: int, lease_s: float
) -> Sequence[Row[Any]]:
    """At most so many rows of a table, longest due first; `claim` proves that they are ours.

    When the lease is over, others may have them. The table has `status`, `due_at` and `claim`.
    """
    table = cast(Table, kind.__table__)
    due = (
        select(table.c.id)
        .where(_WAITING, table.c.due_at <= func.now())
        .order_by(table.c.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    until = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lease_s)
    taking = update(table).where(table.c.id == due.c.id).values(claim=new_id(), due_at=until)
    async with database.engine.begin() as connection:
        return (await connection.execute(taking.returning(*table.c))).all()


async def let_go(database: Database, letters: list[Claimed]) -> None:
    """Others may have these at once: they were not tried."""
    if letters:
        ids = [letter.id for letter in letters]
        mine = (Letter.claim == letters[0].claim, Letter.id.in_(ids))
        letting = update(Letter).where(*mine).values(claim=None, due_at=func.now())
        async with database.engine.begin() as connection:
            await connection.execute(letting)
