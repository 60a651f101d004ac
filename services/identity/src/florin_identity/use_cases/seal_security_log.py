"""What was committed to the security log gets its place in the chain, and the end is signed."""

import time
from datetime import UTC, datetime
from typing import Final, cast

import structlog
from prometheus_client import Gauge
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.transaction import Begin
from florin_identity.models.notary import Mark, Notary
from florin_identity.models.security_chain import (
    ArchivedSegment,
    Chain,
    Checkpoint,
    SecuritySeal,
    UnsealedEntry,
)
from florin_identity.models.security_log import SecurityEntry
from florin_identity.settings import Settings

BATCH_MAX: Final = 1_000
LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.security-log', 0))")
UNSEALED_AGE: Final = Gauge(
    "florin_security_log_unsealed_seconds", "Age of the oldest entry that had no place in the chain"
)
SEALED_AT: Final = Gauge(
    "florin_security_log_sealed_timestamp_seconds", "When all that was committed had its place"
)
_log = structlog.get_logger(__name__)


async def seal_security_log(begin: Begin, notary: Notary) -> int:
    """Seal all that waits; says how many. Nobody who writes to the log waits for it.

    What waits is a queue, not a range of ids: an entry whose transaction took its id early and
    commits late is met later, and never passed over.
    """
    sealed = 0
    while (count := await _seal_batch(begin, notary)) > 0:
        sealed += count
        if count < BATCH_MAX:
            break
    return sealed


async def _seal_batch(begin: Begin, notary: Notary) -> int:
    async with begin() as transaction:
        session = transaction.session
        await session.execute(LOCK)
        entries = await _waiting(session)
        if not entries:
            return 0
        UNSEALED_AGE.set((datetime.now(UTC) - min(entry.at for entry in entries)).total_seconds())
        chain = await end_of_chain(session)
        session.add_all([chain.seal(entry) for entry in entries])
        done = [entry.id for entry in entries]
        await session.execute(delete(UnsealedEntry).where(UnsealedEntry.entry_id.in_(done)))
        await _sign_end(session, chain, notary)
    return len(entries)


async def _waiting(session: AsyncSession) -> list[SecurityEntry]:
    queued = select(SecurityEntry).join(UnsealedEntry, UnsealedEntry.entry_id == SecurityEntry.id)
    return list(await session.scalars(queued.order_by(SecurityEntry.id).limit(BATCH_MAX)))


async def end_of_chain(session: AsyncSession) -> Chain:
    """Where the next seal goes: behind the last one, or behind what lies in files."""
    for kind in (SecuritySeal, ArchivedSegment):
        last = select(kind.position, kind.digest).order_by(kind.position.desc()).limit(1)
        if found := (await session.execute(last)).first():
            return Chain(found.position, found.digest)
    return Chain()


async def _sign_end(session: AsyncSession, chain: Chain, notary: Notary) -> None:
    """Keep a signed checkpoint, and say it in the log, which is kept elsewhere.

    Should there be one at this position, the chain was cut off before: it stays, as the evidence.
    """
    at = datetime.now(UTC)
    signed = notary.sign(Mark(chain.position, chain.digest), at)
    checkpoint = {"position": chain.position, "digest": chain.digest, "at": at, "signed": signed}
    await session.execute(upsert(Checkpoint).values(checkpoint).on_conflict_do_nothing())
    _log.info("security log checkpoint", position=chain.position, signed=signed)


async def _seal(runtime: Runtime) -> None:
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    if not await seal_security_log(begin, Notary(settings.key_encryption_key)):
        UNSEALED_AGE.set(0)
    SEALED_AT.set(time.time())


SEAL_SECURITY_LOG: Final = Job("seal the security log", 5, _seal)
