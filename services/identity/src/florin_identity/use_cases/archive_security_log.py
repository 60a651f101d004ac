"""The oldest part of the security log goes from the database into a file, and stays verifiable."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin
from florin_identity.models.notary import Mark, Notary
from florin_identity.models.security_chain import (
    ArchivedSegment,
    Chain,
    Checkpoint,
    SecuritySeal,
    document_of,
    linked,
)
from florin_identity.models.security_log import SecurityEntry
from florin_identity.models.security_reading import line_of, sealed_after

_NO_HURRY: Final = text("SET LOCAL statement_timeout = 0")


async def write_segment(
    session: AsyncSession, before: datetime, notary: Notary, write: Callable[[bytes], object]
) -> Mark | None:
    """Write all up to the first line that is not older; says where it ends, `None` if nowhere.

    The chain is to be verified first.
    """
    start, end = await _segment(session, before)
    if end <= start.position:
        return None
    follows = {"position": start.position, "digest": start.digest.hex()}
    write(json.dumps({"follows": follows}).encode() + b"\n")
    chain = start
    async for batch in sealed_after(session, start.position, end):
        for seal, entry in batch:
            if entry is None:
                raise AssertionError("the chain was to be verified first")
            write(line_of(seal, entry))
            chain = Chain(seal.position, linked(chain.digest, document_of(entry, seal.position)))
    mark = Mark(chain.position, chain.digest, archived=True)
    write(json.dumps({"archived": notary.sign(mark, datetime.now(UTC))}).encode() + b"\n")
    return mark


async def remove_segment(begin: Begin, mark: Mark, notary: Notary) -> None:
    """Remove what a file holds by now; the database lets it go because the mark says so."""
    async with begin() as transaction:
        session, at = transaction.session, datetime.now(UTC)
        await session.execute(_NO_HURRY)
        signed = notary.sign(mark, at)
        session.add(
            ArchivedSegment(position=mark.position, digest=mark.digest, at=at, signed=signed)
        )
        await session.flush()
        archived = select(SecuritySeal.entry_id).where(SecuritySeal.position <= mark.position)
        await session.execute(delete(SecurityEntry).where(SecurityEntry.id.in_(archived)))
        for kind in (SecuritySeal, Checkpoint):
            await session.execute(delete(kind).where(kind.position <= mark.position))


async def _segment(session: AsyncSession, before: datetime) -> tuple[Chain, int]:
    """Where the log begins here, and the last position before the first line that stays."""
    last = select(ArchivedSegment).order_by(ArchivedSegment.position.desc()).limit(1)
    archived = await session.scalar(last)
    start = Chain(archived.position, archived.digest) if archived else Chain()
    staying = select(func.min(SecuritySeal.position)).join(
        SecurityEntry, SecurityEntry.id == SecuritySeal.entry_id
    )
    first = await session.scalar(staying.where(SecurityEntry.at >= before))
    if first is not None:
        return start, first - 1
    return start, await session.scalar(select(func.max(SecuritySeal.position))) or 0
