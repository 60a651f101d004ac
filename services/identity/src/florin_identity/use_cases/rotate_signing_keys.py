"""Another key signs from now on: it is time, somebody asks for it, or it is an emergency."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import process_actor
from florin_chassis.errors import Refusal
from florin_chassis.revocations import SKEW_S
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.tokens import LEEWAY_S
from florin_chassis.transaction import Begin
from florin_identity.models.key_ring import KeyRing, read_keys
from florin_identity.models.key_rotation import (
    RING_AGE_MAX,
    Schedule,
    Turn,
    Wanted,
    ready_at,
    turn,
)
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.signing_key import SigningKey, make_signing_key
from florin_identity.settings import Settings

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.signing-keys', 0))")


class NextKeyTooYoung(Refusal):
    """Not every verifier knows the next key yet."""

    code = "next_key_too_young"


class Rotation(NamedTuple):
    """What the keys are now, and whether that is new."""

    rotated: bool
    keys: list[SigningKey]


def schedule_of(settings: Settings) -> Schedule:
    """A retired key stays for as long as a token may live that a process signed with it.

    One that was slow to notice, and whose clock is ahead.
    """
    longest = timedelta(seconds=settings.token_life_s_max + LEEWAY_S + SKEW_S)
    period = timedelta(seconds=settings.signing_key_period_s)
    lead = timedelta(seconds=settings.signing_key_lead_s)
    return Schedule(period, lead, longest + RING_AGE_MAX)


async def rotate_signing_keys(settings: Settings, wanted: Wanted, begin: Begin) -> Rotation:
    """One at a time, however many ask, and by the database's clock, whatever theirs say.

    Raises `NextKeyTooYoung` if the next key is wanted and not ready.
    """
    schedule, secret = schedule_of(settings), settings.key_encryption_key
    async with begin() as transaction:
        session = transaction.session
        await session.execute(LOCK)
        now: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
        keys = await read_keys(session)
        done = turn(keys, now, schedule, lambda s, at: make_signing_key(secret, s, at), wanted)
        if wanted is Wanted.READY and not done.rotated:
            raise NextKeyTooYoung(f"the next key signs from {ready_at(keys, schedule)} on")
        await _write(session, done, now)
        present = await read_keys(session)
        if done.rotated and keys:  # the first ones follow none
            details = {"wanted": wanted.value, "removed": [key.kid for key in done.removed]}
            note(transaction, SecurityAct.SIGNING_KEY_ROTATED, None, kid=present[0].kid, **details)
        return Rotation(done.rotated, present)


async def open_key_ring(settings: Settings, begin: Begin) -> KeyRing:
    """The installation's keys; the first process to ask makes the first ones, the others wait.

    Raises `NotReadable` when the secret is not the one that they were sealed with.
    """
    present = await rotate_signing_keys(settings, Wanted.COMPLETE, begin)
    return KeyRing(present.keys, settings.key_encryption_key)


async def _write(session: AsyncSession, done: Turn, now: datetime) -> None:
    """Step by step: the table allows no two keys that sign, nor two that will."""
    for key in done.removed:
        await session.delete(key)
    if done.succession is not None:
        current, following = done.succession
        current.retire(now)
        await session.flush()
        following.promote(now)
    await session.flush()
    session.add_all(done.made)
    await session.flush()


async def _rotate_if_due(runtime: Runtime) -> None:
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    await rotate_signing_keys(settings, Wanted.IF_DUE, begin)


ROTATE_SIGNING_KEYS: Final = Job("signing keys", 60, _rotate_if_due)
