"""The tenant filter, in its one place: no ORM query of an actor's session sees beyond its reach."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, and_, event, false, true
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from florin_chassis.actor import Actor


class Tenanted:
    """A table whose rows belong to tenants; mixed into a service's mapped class.

    `tenants` maps each dimension (as in `Actor.reach`) to the column that holds the owner, one id
    or an array; `None` says that it does not restrict. A dimension left out sees nothing.
    """

    tenants: ClassVar[Mapping[str, str | None]]

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """The rows that belong to one of these tenants."""
        if dimension not in cls.tenants:
            return false()
        name = cls.tenants[dimension]
        if name is None:
            return true()
        column: Any = getattr(cls, name)
        if isinstance(column.type, ARRAY):
            return column.overlap(list(ids))  # type: ignore[no-any-return]
        return column.in_(ids)  # type: ignore[no-any-return]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """The rows that the actor reaches; none by default."""
        if actor.everywhere:
            return true()
        if not actor.reach:
            return false()
        return and_(*(cls.within(dimension, ids) for dimension, ids in actor.reach.items()))


@lru_cache(maxsize=1)
def _tenanted(count: int) -> tuple[type[Tenanted], ...]:  # noqa: ARG001
    return tuple(Tenanted.__subclasses__())


@event.listens_for(Session, "do_orm_execute")
def _confine(state: ORMExecuteState) -> None:
    """Add the filter to every ORM statement of a session that has an actor."""
    actor: Actor | None = state.session.info.get("actor")
    if actor is None or actor.everywhere or state.is_column_load or state.is_relationship_load:
        return
    kinds = _tenanted(len(Tenanted.__subclasses__()))
    criteria = [with_loader_criteria(kind, kind.visible_to(actor)) for kind in kinds]
    state.statement = state.statement.options(*criteria)
