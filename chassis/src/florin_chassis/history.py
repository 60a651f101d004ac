"""What aggregates were: who changed them when and why, from what to what, and their past states.

The audit row of an aggregate that keeps its history has what its fact carried; what was before is
in the row before. An older state is read by today's model, as an older event is: a field that it
lacks has its default, so that a release changes nobody's history.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.differences import Difference, differences
from florin_chassis.tables import audit
from florin_contracts.states import state_model

_BEFORE: Final = audit.alias("before")
_AFTER: Final = audit.alias("after")
_LAST: Final = audit.alias("last")


class Unknown(StrEnum):
    """Why a state cannot be told: nobody kept it yet, or it is erased."""

    BEFORE_HISTORY = "before_history"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Change:
    """One act: who, when, why, and every place that differs; null, and why, if that is unknown."""

    id: UUID
    kind: str
    subject: UUID
    sequence: int
    at: datetime
    act: str
    actor: str
    on_behalf_of: str | None
    reason: str | None
    trace_id: str | None
    differences: list[Difference] | None
    unknown: Unknown | None


@dataclass(frozen=True, slots=True)
class Period:
    """What an aggregate was from `since` on, until its next change if there was one."""

    kind: str
    subject: UUID
    sequence: int
    since: datetime
    until: datetime | None
    act: str
    actor: str
    state: BaseModel | None
    unknown: Unknown | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts; whatever is none does not restrict. `since` counts, `until` does not."""

    subject: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find_changes(
    session: AsyncSession,
    kinds: Mapping[str, type[Any]],
    wanted: Wanted,
    limit: int,
    after: UUID | None = None,
) -> list[Change]:
    """The latest acts upon these kinds that the session's actor reaches, latest first.

    `kinds` are tenanted aggregates by their names; `after` is the last act of the page before.
    What is erased is told to those only who reach everything: nothing says any more whose it was.
    """
    place = tuple_(audit.c.at, audit.c.event_id)
    cursor = select(_LAST.c.at, _LAST.c.event_id).where(_LAST.c.event_id == after)
    rows = _changes().where(
        audit.c.kind.in_([*kinds]),
        _reached(session.info["actor"], kinds),
        *_restrictions(wanted),
        true() if after is None else place < cursor.scalar_subquery(),
    )
    latest = rows.order_by(audit.c.at.desc(), audit.c.event_id.desc()).limit(limit)
    return [_change(row) for row in await session.execute(latest)]


async def find_changes_of(
    session: AsyncSession, kind: str, subject: UUID, limit: int, after: UUID | None = None
) -> list[Change]:
    """The acts upon one aggregate, latest first; that the actor may see it was asked before."""
    cursor = select(_LAST.c.sequence).where(_LAST.c.event_id == after).scalar_subquery()
    rows = _changes().where(
        _is(audit, kind, subject), true() if after is None else audit.c.sequence < cursor
    )
    latest = rows.order_by(audit.c.sequence.desc()).limit(limit)
    return [_change(row) for row in await session.execute(latest)]


async def find_state(
    session: AsyncSession, kind: str, subject: UUID, at: datetime
) -> Period | None:
    """What an aggregate was at a time; none if it was not there yet."""
    row = (
        await session.execute(
            select(audit, _AFTER.c.at.label("until"))
            .outerjoin(_AFTER, _follows(_AFTER, audit))
            .where(_is(audit, kind, subject), audit.c.at <= at)
            .order_by(audit.c.sequence.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    state = None if row.state is None else _model(row.act).model_validate_json(row.state)
    unknown = Unknown.BEFORE_HISTORY if state is None else None
    place = (row.kind, row.subject, row.sequence, row.at, row.until)
    return Period(*place, row.act, row.actor, state, unknown)


def _changes() -> Select[Any]:
    erased = exists().where(
        _is(_LAST, audit.c.kind, audit.c.subject), func.split_part(_LAST.c.act, ".", 4) == "state"
    )
    columns = (audit, _BEFORE.c.state.label("before"), erased.label("erased"))
    return select(*columns).outerjoin(_BEFORE, _follows(audit, _BEFORE))


def _is(act: Any, kind: Any, subject: Any) -> ColumnElement[bool]:
    return and_(act.c.subject == subject, act.c.kind == kind)


def _follows(act: Any, other: Any) -> ColumnElement[bool]:
    return and_(_is(act, other.c.kind, other.c.subject), act.c.sequence == other.c.sequence + 1)


def _reached(actor: Actor, kinds: Mapping[str, type[Any]]) -> ColumnElement[bool]:
    if actor.everywhere:
        return true()
    return or_(
        false(),
        *(
            and_(audit.c.kind == name, audit.c.subject.in_(select(kind.id).where(mine)))
            for name, kind in kinds.items()
            for mine in [kind.visible_to(actor)]
        ),
    )


def _restrictions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.subject is not None:
        yield audit.c.subject == wanted.subject
    if wanted.actor is not None:
        yield audit.c.actor == wanted.actor
    if wanted.since is not None:
        yield audit.c.at >= wanted.since
    if wanted.until is not None:
        yield audit.c.at < wanted.until


def _change(row: Any) -> Change:
    unknown = None
    if row.state is None or (row.before is None and row.sequence > 1):
        unknown = Unknown.ERASED if row.erased else Unknown.BEFORE_HISTORY
    return Change(
        id=row.event_id,
        kind=row.kind,
        subject=row.subject,
        sequence=row.sequence,
        at=row.at,
        act=row.act,
        actor=row.actor,
        on_behalf_of=row.on_behalf_of,
        reason=row.reason,
        trace_id=row.trace_id,
        differences=None if unknown else list(_differences(row)),
        unknown=unknown,
    )


def _differences(row: Any) -> Iterator[Difference]:
    model = _model(row.act)
    before, after = (
        {} if state is None else model.model_validate_json(state).model_dump(mode="json")
        for state in (row.before, row.state)
    )
    return differences(before, after)


@cache
def _model(act: str) -> type[BaseModel]:
    return state_model("-".join(act.split(".")[1:3]))
