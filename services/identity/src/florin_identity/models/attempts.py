"""How often something may fail before it is locked, for how long, and who counts that.

A lock is exact: what fails is counted under the row's lock, and once it is locked nothing counts,
not even what is right. So however many try at once, in however many replicas, no more than the
quota's number learn anything.

    budget = Budget(limit, "user", str(user_id))
    await require_open(session, budget)     # before the costly part: raises TooManyAttempts
    await count_failure(session, budget)    # it failed; raise a refusal that `keeps`
    await count_success(session, budget)    # it did not: the failures are forgiven

For what may be done only so often, without failing (letters asked for), `count_failure` alone.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Quota, TooManyRequests
from florin_identity.models.base import Base

_DOUBLINGS_MAX: Final = 20
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class TooManyAttempts(TooManyRequests):
    """It failed too often of late. Whether this attempt was right is not said."""

    code = "too_many_attempts"
    keeps: ClassVar = True


@dataclass(frozen=True, slots=True)
class Limit:
    """`quota.count` failures within its window lock; each further time for twice as long."""

    quota: Quota
    lock_s: int
    lock_s_max: int
    memory_s: int = 86_400
    """How long after a lock the next one is still a further one."""

    def lock_after(self, strikes: int) -> timedelta:
        """For how long the strike locks."""
        doubled = self.lock_s * 2 ** min(strikes - 1, _DOUBLINGS_MAX)
        return timedelta(seconds=min(doubled, self.lock_s_max))


@dataclass(frozen=True, slots=True, init=False)
class Budget:
    """One limit on one thing: a login from an address, a user's second factor."""

    limit: Limit
    key: bytes

    def __init__(self, limit: Limit, *of: str) -> None:
        object.__setattr__(self, "limit", limit)
        object.__setattr__(self, "key", digest(limit.quota.name, *of))


class Attempt(Base):
    """What is known of one budget. Its key is a digest: what was typed as a login is not kept."""

    __tablename__ = "attempts"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    quota: Mapped[str]
    failures: Mapped[int]
    since: Mapped[datetime]
    strikes: Mapped[int]
    locked_until: Mapped[datetime | None]
    forgotten_at: Mapped[datetime] = mapped_column(index=True)

    def require_open(self, limit: Limit, now: datetime) -> None:
        """Raise `TooManyAttempts` while it is locked."""
        require_unlocked(limit, self.locked_until, now)

    def fail(self, limit: Limit, now: datetime) -> bool:
        """Count a failure; say whether it was the last that was allowed."""
        if self.forgotten_at <= now:
            self.strikes = 0
        window = timedelta(seconds=limit.quota.window_s)
        if self.since + window <= now:
            self.failures, self.since = 0, now
        self.failures += 1
        if self.failures < limit.quota.count:
            self.forgotten_at = max(self.forgotten_at, self.since + window)
            return False
        self.strikes += 1
        self.failures, self.since = 0, now
        self.locked_until = now + limit.lock_after(self.strikes)
        self.forgotten_at = self.locked_until + timedelta(seconds=limit.memory_s)
        return True


def require_unlocked(limit: Limit, until: datetime | None, now: datetime) -> None:
    """Raise `TooManyAttempts` if what is under the limit is locked until later than now."""
    if until is not None and until > now:
        wait_s = math.ceil((until - now).total_seconds())
        raise TooManyAttempts("too many attempts: try again later", limit.quota, wait_s)


async def require_open(session: AsyncSession, *budgets: Budget) -> set[bytes]:
    """Raise `TooManyAttempts` if one of them is locked; say which have any failures.

    Locks no row, writes nothing.
    """
    keys = [budget.key for budget in budgets]
    found = select(Attempt, func.clock_timestamp()).where(Attempt.key.in_(keys))
    answer = await session.execute(found, execution_options={"populate_existing": True})
    rows = answer.all()
    _require_all_open(budgets, rows)
    return {attempt.key for attempt, _ in rows}


async def count_failure(session: AsyncSession, *budgets: Budget) -> list[Budget]:
    """Count a failure in each; say which are locked from now on.

    Raises `TooManyAttempts` if one was locked before: then it counts in none. The transaction must
    commit, although the attempt is refused; until then others who fail the same wait.
    """
    fresh = [_fresh(budget) for budget in sorted(budgets, key=lambda budget: budget.key)]
    upsert = insert(Attempt).values(fresh)
    locking = upsert.on_conflict_do_update(
        index_elements=[Attempt.key], set_={"quota": upsert.excluded.quota}
    )
    locked = locking.returning(Attempt, func.clock_timestamp())
    answer = await session.execute(locked, execution_options={"populate_existing": True})
    rows = answer.all()
    _require_all_open(budgets, rows)
    now = max(at for _, at in rows)
    attempts = {attempt.key: attempt for attempt, _ in rows}
    return [budget for budget in budgets if attempts[budget.key].fail(budget.limit, now)]


async def count_success(session: AsyncSession, budget: Budget, *others: Budget) -> None:
    """Forgive the budget's failures, not the others'.

    Raises `TooManyAttempts` if one of them is locked by now: it came too late.
    """
    if budget.key in await require_open(session, budget, *others):
        await forgive(session, budget)  # whatever failure is under way comes after this


async def forgive(session: AsyncSession, budget: Budget) -> None:
    """Forget the budget's failures; raises `TooManyAttempts` if it is locked by now."""
    locked = select(Attempt, func.clock_timestamp()).where(Attempt.key == budget.key)
    answer = await session.execute(
        locked.with_for_update(), execution_options={"populate_existing": True}
    )
    rows = answer.all()
    _require_all_open([budget], rows)
    for attempt, _ in rows:
        await session.delete(attempt)


async def forget_attempts(session: AsyncSession) -> None:
    """Delete what is past its time."""
    await session.execute(delete(Attempt).where(Attempt.forgotten_at < func.clock_timestamp()))


def digest(*parts: str) -> bytes:
    """A key for these parts; two lists of parts have the same only if they are the same."""
    sized = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
    return hashlib.sha256(sized).digest()


def _fresh(budget: Budget) -> dict[str, object]:
    return {
        "key": budget.key,
        "quota": budget.limit.quota.name,
        "failures": 0,
        "since": _NEVER,
        "strikes": 0,
        "locked_until": None,
        "forgotten_at": _NEVER,
    }


def _require_all_open(budgets: Sequence[Budget], rows: Iterable[tuple[Attempt, datetime]]) -> None:
    limits = {budget.key: budget.limit for budget in budgets}
    for attempt, now in rows:
        attempt.require_open(limits[attempt.key], now)
