"""Reads the grounds of users' access, of many at once."""

from collections.abc import Collection, Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.road.projections import topic_of
from florin_chassis.tables import projected_states as states
from florin_contracts.clients import ClientUserState
from florin_contracts.providers import DepartmentState, EmployeeState
from florin_identity.models.grounds import Grounds
from florin_identity.models.user import User

S = TypeVar("S", bound=BaseModel)


async def read_grounds(session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, Grounds]:
    """The grounds of each of these users, as of now, if the session's actor reaches it."""
    users = select(User).where(User.id.in_(user_ids)).execution_options(populate_existing=True)
    found = (await session.scalars(users)).all()
    employees = await _stated(session, EmployeeState, user_ids)
    places = await _stated(session, ClientUserState, user_ids)
    wanted = {id_ for one in employees.values() if one for id_ in one.department_ids}
    departments = await _stated(session, DepartmentState, wanted)
    return {user.id: _grounds(user, employees, places, departments) for user in found}


def _grounds(
    user: User,
    employees: Mapping[UUID, EmployeeState | None],
    places: Mapping[UUID, ClientUserState | None],
    departments: Mapping[UUID, DepartmentState | None],
) -> Grounds:
    employee, place = employees.get(user.id), places.get(user.id)
    known = [departments.get(id_) for id_ in (employee.department_ids if employee else ())]
    return Grounds(
        user=user,
        employee=employee,
        place=place,
        departments={one.id: one for one in known if one is not None},
        erased=any(user.id in ids and ids[user.id] is None for ids in (employees, places)),
    )


async def _stated(
    session: AsyncSession, state: type[S], ids: Collection[UUID]
) -> dict[UUID, S | None]:
    """What has arrived of these aggregates; none of one that was erased."""
    wanted = (states.c.topic == topic_of(state)) & states.c.id.in_(ids)
    rows = await session.execute(select(states.c.id, states.c.state).where(wanted))
    return {row.id: row.state and state.model_validate(row.state) for row in rows}
