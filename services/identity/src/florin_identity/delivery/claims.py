"""Claims letters that are due, so that no two processes send one at once."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_identity.models.letter import LetterKind

_CLAIM: Final = text("""
UPDATE letters l SET claim = :claim, due_at = now() + make_interval(secs => :lease_s)
FROM (
    SELECT id FROM letters WHERE status = 'waiting' AND due_at <= now()
    ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
) due
WHERE l.id = due.id
RETURNING l.id, l.kind, l.recipient, l.details, l.tries
""")
_LET_GO: Final = text(
    "UPDATE letters SET claim = NULL, due_at = now() WHERE claim = :claim AND id = ANY(:ids)"
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is this process' to send for as long as its lease; `claim` proves it."""

    id: UUID
    claim: UUID
    kind: LetterKind
    recipient: str
    details: dict[str, Any]
    tries: int


async def claim_due(database: Database, most: int, lease_s: float) -> list[Claimed]:
    """At most so many letters, longest due first; when the lease is over, others may have them."""
    claim = new_id()
    wanted = {"claim": claim, "most": most, "lease_s": lease_s}
    async with database.engine.begin() as connection:
        rows = (await connection.execute(_CLAIM, wanted)).all()
    return [
        Claimed(row.id, claim, LetterKind(row.kind), row.recipient, row.details, row.tries)
        for row in rows
    ]


async def let_go(database: Database, letters: list[Claimed]) -> None:
    """Others may have these at once: they were not tried."""
    if letters:
        mine = {"claim": letters[0].claim, "ids": [letter.id for letter in letters]}
        async with database.engine.begin() as connection:
            await connection.execute(_LET_GO, mine)
