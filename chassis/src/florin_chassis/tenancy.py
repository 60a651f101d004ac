"""The tenant filter, in its one place: no ORM query of an actor's session sees beyond its reach."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ClauseElement,
    ColumnElement,
    Executable,
    Select,
    SelectBase,
    TextClause,
    and_,
    event,
    false,
    true,
)
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    Session,
    with_loader_criteria,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from florin_chassis.actor import Actor

_CRITERIA: Final = "criteria"


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
    if isinstance(state.statement, TextClause):  # names tables, of which no filter knows
        return
    _name_all(state.statement)
    state.statement = state.statement.options(*_criteria(state.session, actor))


def _criteria(session: Session, actor: Actor) -> list[LoaderCriteriaOption]:
    """Built once for all statements of a session, as long as it is the same actor's."""
    kinds = _tenanted(len(Tenanted.__subclasses__()))
    known = session.info.get(_CRITERIA)
    if known is None or known[:2] != (actor, kinds):
        criteria = [
            with_loader_criteria(kind, kind.visible_to(actor), include_aliases=True)
            for kind in kinds
        ]
        known = session.info[_CRITERIA] = (actor, kinds, criteria)
    found: list[LoaderCriteriaOption] = known[2]
    return found


def _name_all(statement: Executable) -> None:
    """Name in the FROM of each select what its WHERE names in calls of functions.

    It is there already, unsaid. But whom to confine the ORM looks for in the columns, the FROM and
    the WHERE up to such calls, so that `exists().where(func.lower(User.email) == ...)` saw all.
    """
    for part in iterate(statement):  # type: ignore[arg-type]
        if isinstance(part, Select) and (called := set(_in_calls(part.whereclause))):
            part._from_obj = part.select_from(*called)._from_obj


def _in_calls(clause: ClauseElement | None, *, called: bool = False) -> Iterator[Any]:
    """The entities whose columns are arguments, but for those in selects of their own."""
    if clause is None or isinstance(clause, SelectBase):
        return
    entity = clause._annotations.get("parententity")
    if called and entity is not None:
        yield entity
    for child in clause.get_children():
        yield from _in_calls(child, called=called or isinstance(clause, FunctionElement))
