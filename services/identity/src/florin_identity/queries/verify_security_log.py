"""Follows the security log's chain from its beginning to its end, in constant memory."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.notary import Mark, Notary, NotOurs
from florin_identity.models.security_chain import (
    ArchivedSegment,
    Chain,
    ChainBroken,
    Checkpoint,
    SecuritySeal,
    UnsealedEntry,
    document_of,
)
from florin_identity.models.security_log import SecurityEntry
from florin_identity.models.security_reading import sealed_after

# One snapshot for all that is read, and as much time as it takes.
_AS_OF_NOW: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_NO_HURRY: Final = text("SET LOCAL statement_timeout = 0")


class Verified(NamedTuple):
    """How far the chain was followed, and what waits for its seal."""

    end: Mark
    unsealed: int
    oldest_unsealed: datetime | None


async def verify_security_log(
    session: AsyncSession,
    notary: Notary,
    kept: tuple[str, ...] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Raises `ChainBroken` naming the first entry that is not as it was sealed.

    `kept` are checkpoints that were kept outside the database: the chain must still go through
    them. Without one, a cut at the end that took the checkpoints along cannot be seen.
    """
    await session.execute(_AS_OF_NOW)
    await session.execute(_NO_HURRY)
    chain = await _beginning(session, notary)
    outside = {mark.position: mark for mark in (_mark(0, signed, notary) for signed in kept)}
    passed = chain.position
    async for batch in sealed_after(session, chain.position):
        marks = await _checkpoints(session, batch[0][0].position, batch[-1][0].position, notary)
        for seal, entry in batch:
            document = document_of(entry, seal.position) if entry else None
            chain.follow(seal.position, document, seal.digest)
            for mark in (marks.get(seal.position), outside.get(seal.position)):
                if mark and mark.digest != chain.digest:
                    raise ChainBroken(seal.position, "it was rewritten: another digest was signed")
        progress(len(batch))
    await _require_end(session, chain, [m for m in outside.values() if m.position > passed])
    await _require_all_sealed(session)
    return await _verified(session, chain)


async def _beginning(session: AsyncSession, notary: Notary) -> Chain:
    """Behind what was archived, if it was we who archived it."""
    last = select(ArchivedSegment).order_by(ArchivedSegment.position.desc()).limit(1)
    segment = await session.scalar(last)
    if segment is None:
        return Chain()
    mark = _mark(segment.position, segment.signed, notary)
    if mark != Mark(segment.position, segment.digest, archived=True):
        raise ChainBroken(segment.position, "what came before was removed, and not by archiving")
    return Chain(mark.position, mark.digest)


async def _checkpoints(
    session: AsyncSession, first: int, last: int, notary: Notary
) -> dict[int, Mark]:
    rows = select(Checkpoint).where(Checkpoint.position.between(first, last))
    marks = {}
    for row in await session.scalars(rows.order_by(Checkpoint.position)):
        mark = _mark(row.position, row.signed, notary)
        if mark != Mark(row.position, row.digest):
            raise ChainBroken(row.position, "its checkpoint is not what was signed")
        marks[row.position] = mark
    return marks


def _mark(position: int, signed: str, notary: Notary) -> Mark:
    try:
        return notary.read(signed)
    except NotOurs as error:
        raise ChainBroken(position, str(error)) from error


async def _require_end(session: AsyncSession, chain: Chain, outside: list[Mark]) -> None:
    last = await session.scalar(select(func.max(Checkpoint.position)))
    for position in sorted([last or 0, *(mark.position for mark in outside)]):
        if position > chain.position:
            reason = f"the end was cut off: a checkpoint speaks of {position} entries"
            raise ChainBroken(chain.position + 1, reason)
    if (last or 0) < chain.position and not await _is_archived(session, chain.position):
        raise ChainBroken((last or 0) + 1, "what follows the last checkpoint was signed by nobody")


async def _is_archived(session: AsyncSession, position: int) -> bool:
    return await session.get(ArchivedSegment, position) is not None


async def _require_all_sealed(session: AsyncSession) -> None:
    """An entry that neither has a place nor waits for one came in by a way of its own."""
    sealed = exists().where(SecuritySeal.entry_id == SecurityEntry.id)
    waits = exists().where(UnsealedEntry.entry_id == SecurityEntry.id)
    stray = select(func.min(SecurityEntry.id)).where(~sealed, ~waits)
    entry_id = await session.scalar(stray)
    if entry_id is not None:
        raise ChainBroken(0, f"entry {entry_id} was put in past the chain")
    lost = exists().where(SecurityEntry.id == UnsealedEntry.entry_id)
    entry_id = await session.scalar(select(func.min(UnsealedEntry.entry_id)).where(~lost))
    if entry_id is not None:
        raise ChainBroken(0, f"entry {entry_id} went before it was sealed")


async def _verified(session: AsyncSession, chain: Chain) -> Verified:
    waiting = select(func.count(), func.min(SecurityEntry.at)).select_from(UnsealedEntry)
    waiting = waiting.join(SecurityEntry, SecurityEntry.id == UnsealedEntry.entry_id)
    count, oldest = (await session.execute(waiting)).one()
    return Verified(Mark(chain.position, chain.digest), count, oldest)
