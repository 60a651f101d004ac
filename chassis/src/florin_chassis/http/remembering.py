"""The routes that read history, made alike for every aggregate that keeps it."""

import dataclasses
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.differences import Difference
from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.history import (
    Change,
    Period,
    Unknown,
    Wanted,
    find_changes,
    find_changes_of,
    find_state,
)
from florin_chassis.http.bodies import Instant
from florin_chassis.http.endpoint import CurrentActor, Reading, Router
from florin_chassis.http.pages import Page, Paging, PagingQuery, cursor_after
from florin_chassis.orm import topic_of_facts
from florin_contracts.states import state_model

S = TypeVar("S")
NameActors: TypeAlias = Callable[[AsyncSession, Collection[UUID]], Awaitable[Mapping[UUID, str]]]
"""What users are called, by their ids, as far as the service knows and the actor may see."""

_USER: Final = "user/"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A kind that keeps its history: where one of it is found, and what to hold to see it."""

    kind: type[Any]
    path: str
    permission: str


class Answer(BaseModel):
    """Read from what was found."""

    model_config = ConfigDict(from_attributes=True)


class ChangeAnswer(Answer):
    """Who did what when and why, and each place that differs from before.

    `differences` is null where a state is unknown: `before_history` says that nobody kept states
    yet then, `erased` that what was said is erased. `actor_name` is null where it is not known.
    """

    id: UUID
    kind: str
    subject: UUID
    sequence: int
    at: datetime
    act: str
    actor: str
    actor_name: str | None
    on_behalf_of: str | None
    reason: str | None
    trace_id: str | None
    differences: list[Difference] | None
    unknown: Unknown | None


class PeriodAnswer(Answer, Generic[S]):
    """What it was from `since` until `until`; `state` is null where it is unknown, and why."""

    kind: str
    subject: UUID
    sequence: int
    since: datetime
    until: datetime | None
    act: str
    actor: str
    state: S | None
    unknown: Unknown | None


def history_router(
    service: str, remembered: Sequence[Remembered], permission: str, name_actors: NameActors
) -> Router:
    """`/history`, and below each aggregate its own.

    Beside the permission to read history one holds that to see the aggregate itself: to who does
    not, it does not exist.
    """
    router = Router(tags=["history"])
    kinds = {_kind(service, one): one for one in remembered}
    _add_list(router, kinds, permission, name_actors)
    for kind, one in kinds.items():
        _add_reading(router, kind, one, permission, name_actors)
        state = state_model(topic_of_facts(one.kind, service))
        _add_state(router, kind, one, permission, state)
    return router


def _kind(service: str, one: Remembered) -> str:
    return topic_of_facts(one.kind, service).partition("-")[2]


def _add_list(
    router: Router, kinds: Mapping[str, Remembered], permission: str, name_actors: NameActors
) -> None:
    known = StrEnum("HistoryKind", {kind: kind for kind in kinds})  # type: ignore[misc]

    async def wanted(
        subject: UUID | None = None,
        actor: Annotated[str | None, Query(max_length=200)] = None,
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Wanted:
        return Wanted(subject, actor, since, until)

    @router.get("/history", permission=permission, response_model=Page[ChangeAnswer])
    async def get_history(
        session: Reading,
        actor: CurrentActor,
        paging: PagingQuery,
        sought: Annotated[Wanted, Depends(wanted)],
        kind: known | None = None,
    ) -> dict[str, Any]:
        seen = {
            name: one.kind
            for name, one in kinds.items()
            if one.permission in actor.permissions and kind in {None, name}
        }
        found = await find_changes(session, seen, sought, paging.limit + 1, paging.after)
        return await _page(session, found, paging, name_actors)


def _add_reading(
    router: Router, kind: str, one: Remembered, permission: str, name_actors: NameActors
) -> None:
    @router.get(
        f"{one.path}/history",
        permission=permission,
        response_model=Page[ChangeAnswer],
        name=f"get_history_of_{kind}",
    )
    async def get_history_of(
        subject: Annotated[UUID, Path(alias=_parameter(one))],
        session: Reading,
        actor: CurrentActor,
        paging: PagingQuery,
    ) -> dict[str, Any]:
        await _require_seen(session, actor, one, subject)
        found = await find_changes_of(session, kind, subject, paging.limit + 1, paging.after)
        return await _page(session, found, paging, name_actors)


def _add_state(
    router: Router, kind: str, one: Remembered, permission: str, state: type[BaseModel]
) -> None:
    @router.get(
        f"{one.path}/history/state",
        permission=permission,
        response_model=PeriodAnswer[state],  # type: ignore[valid-type]
        name=f"get_state_of_{kind}",
    )
    async def get_state_of(
        subject: Annotated[UUID, Path(alias=_parameter(one))],
        session: Reading,
        actor: CurrentActor,
        at: Instant | None = None,
    ) -> Period:
        """As of a time; of now where none is named."""
        await _require_seen(session, actor, one, subject)
        found = await find_state(session, kind, subject, at or datetime.now(UTC))
        if found is None:
            raise NotFound(f"there was no {kind} {subject} yet at that time")
        return found


def _parameter(one: Remembered) -> str:
    return one.path.rpartition("{")[2].removesuffix("}")


async def _require_seen(
    session: AsyncSession, actor: Actor, one: Remembered, subject: UUID
) -> None:
    """Raise `NotFound` unless it is there for the actor."""
    if one.permission not in actor.permissions:
        raise NotFound(f"there is no {one.kind.__name__.lower()} {subject} that you may see")
    await find_one(session, one.kind, subject)


async def _page(
    session: AsyncSession, found: list[Change], paging: Paging, name_actors: NameActors
) -> dict[str, Any]:
    has_more, changes = len(found) > paging.limit, found[: paging.limit]
    names = await name_actors(session, {id_ for c in changes if (id_ := _user(c.actor))})
    return {
        "data": [
            {**_fields(change), "actor_name": names.get(user) if user else None}
            for change in changes
            for user in [_user(change.actor)]
        ],
        "has_more": has_more,
        "next_cursor": cursor_after(changes[-1].id) if has_more else None,
    }


def _fields(change: Change) -> dict[str, Any]:
    return {field.name: getattr(change, field.name) for field in dataclasses.fields(change)}


def _user(actor: str) -> UUID | None:
    try:
        return UUID(actor.removeprefix(_USER)) if actor.startswith(_USER) else None
    except ValueError:  # who asked before there were users: a migration, a test
        return None
