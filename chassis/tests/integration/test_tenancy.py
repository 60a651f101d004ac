"""No ORM query of an actor's session sees beyond its reach, in whichever shape it is asked."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from chassis.tests.weather.models import Station, open_station
from sqlalchemy import exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from florin_chassis.actor import Actor
from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness

NAME: Final = "Pulkovo"
_OTHER: Final = aliased(Station)
SHAPES: Final[dict[str, Callable[[], Any]]] = {
    "the kind": lambda: select(Station.name),
    "a function of a column": lambda: select(func.upper(Station.name)),
    "an alias": lambda: select(_OTHER.name),
    "exists() of a column": lambda: _one_if(exists().where(Station.name == NAME)),
    "exists() of a function of one": lambda: _one_if(
        exists().where(func.upper(Station.name) == NAME.upper())
    ),
    "exists() of an alias": lambda: _one_if(exists().where(_OTHER.name == NAME)),
    "exists() of a function of an alias": lambda: _one_if(
        exists().where(func.upper(_OTHER.name) == NAME.upper())
    ),
    "exists() inside exists()": lambda: _one_if(
        exists(select(1).where(exists().where(func.lower(Station.name) == NAME.lower())))
    ),
    "a count": lambda: _one_if(
        select(func.count()).where(func.upper(Station.name) == NAME.upper()).scalar_subquery() > 0
    ),
    "a call in a condition of another's": lambda: select(_OTHER.name).where(
        exists().where(func.upper(Station.name) == func.upper(_OTHER.name))
    ),
    "a call in a call": lambda: _one_if(
        exists().where(func.length(func.upper(Station.name)) == len(NAME))
    ),
    "a join": lambda: select(literal(1)).select_from(Station).join(_OTHER, _OTHER.id == Station.id),
    "a common table": lambda: select(select(Station.name).cte()),
    "a union": lambda: union_all(select(Station.name), select(_OTHER.name)),
    "only the condition": lambda: _one_if(
        select(literal(1)).where(func.upper(Station.name) == NAME.upper()).exists()
    ),
}


def _one_if(condition: Any) -> Any:
    return select(literal(1)).where(condition)


async def seen(weather: Harness, statement: Any, country: UUID) -> int:
    """How many rows somebody of this country sees."""
    actor = Actor(name="user/test", reach={"country": frozenset({country})})
    async with weather.runtime.database.session(actor) as session:
        return len((await session.execute(statement)).all())


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_query_of_any_shape_sees_what_is_within_reach_and_nothing_beyond(
    weather: Harness, country: UUID, shape: str
) -> None:
    await open_station(NAME, country, weather.begin)
    assert await seen(weather, SHAPES[shape](), country) >= 1
    assert await seen(weather, SHAPES[shape](), new_id()) == 0
