"""What is to be reckoned is reckoned in steps; by a release's new rules everybody is."""

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.transaction import Begin
from florin_identity.models.access import Access
from florin_identity.models.access_rules import (
    AccessRules,
    fingerprint,
    newest_rules,
    outdated,
)
from florin_identity.models.due_reckoning import mark_due
from florin_identity.models.reckoning import reckon_due

STEP: Final = 200
"""As many share a transaction: their locks are held for a fraction of a second."""
MARKED_AT_ONCE: Final = 5_000


async def follow_rules(begin: Begin, *, again: bool = False) -> None:
    """Once after a release that changed the rules, mark everybody; go on where it was cut short.

    A process of an earlier release that still runs marks nobody. `again`, after going back to one,
    has its rules count, and everybody reckoned by them, whether they changed or not.
    """
    async with begin() as transaction:
        if again:
            of_ours = AccessRules.fingerprint == fingerprint()
            await transaction.session.execute(delete(AccessRules).where(of_ours))
        ours = insert(AccessRules).values(fingerprint=fingerprint(), complete=False)
        await transaction.session.execute(ours.on_conflict_do_nothing())
    while await _mark_some(begin):
        pass


async def _mark_some(begin: Begin) -> bool:
    async with begin() as transaction:
        rules = await newest_rules(transaction.session)
        if rules is None or rules.complete or rules.fingerprint != fingerprint():
            return False
        some = select(Access.id).order_by(Access.id).limit(MARKED_AT_ONCE)
        if rules.marked_to is not None:
            some = some.where(Access.id > rules.marked_to)
        user_ids = (await transaction.session.scalars(some)).all()
        await mark_due(transaction.session, user_ids)
        rules.complete = len(user_ids) < MARKED_AT_ONCE
        rules.marked_to = user_ids[-1] if user_ids else rules.marked_to
        return True


async def work_through(begin: Begin) -> int:
    """Reckon whoever waits for it, step by step; how many there were."""
    done = 0
    while some := await _reckon_some(begin):
        done += some
    return done


async def _reckon_some(begin: Begin) -> int:
    """None by the rules of an earlier release, which would be in vain."""
    async with begin() as transaction:
        if await transaction.session.scalar(select(outdated())):
            return 0
        return await reckon_due(transaction, STEP)


async def _follow_rules(runtime: Runtime) -> None:
    await follow_rules(runtime.begin_as(process_actor(runtime.service)))


async def _work_through(runtime: Runtime) -> None:
    await work_through(runtime.begin_as(process_actor(runtime.service)))


FOLLOW_RULES: Final = Job("follow the rules of access", 60, _follow_rules)
RECKON_DUE: Final = Job("reckon access that is due", 1, _work_through)
