"""Effective access: what a user may do and where, from what the owners of rights have stated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.road.projections import find_projected
from florin_contracts.clients import ClientUserState
from florin_contracts.identity import UserKind
from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    ClientRole,
    permissions_in,
)
from florin_contracts.providers import DepartmentState, EmployeeState
from florin_contracts.tokens import places_of, short_id
from florin_identity.models.user import User


@dataclass(frozen=True, slots=True)
class Access:
    """Permissions, and the reach within which they hold; shaped as in `Actor`.

    A token says the `version` that it was issued with: it is refused once there is less access.
    """

    permissions: frozenset[str] = frozenset()
    reach: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    everywhere: bool = False
    version: int = 0

    def claims(self) -> dict[str, Any]:
        """As an access token carries it, for `Actor.from_claims`."""
        claims: dict[str, Any] = {"ver": self.version, "prm": places_of(self.permissions)}
        if self.everywhere:
            return claims | {"everywhere": True}
        return claims | {"reach": {n: sorted(map(short_id, ids)) for n, ids in self.reach.items()}}

    def is_within(self, actor: Actor) -> bool:
        """Whether the actor may do all of this, everywhere that this reaches."""
        if not self.permissions <= actor.permissions:
            return False
        if actor.everywhere or self.everywhere:
            return actor.everywhere
        return all(ids <= actor.reach.get(name, frozenset()) for name, ids in self.reach.items())


EVERYTHING: Final = Access(ADMINISTRATOR_PERMISSIONS, everywhere=True)


def owner_of(client_id: UUID) -> Access:
    """What the owner of a client's account may do; also whoever impersonates the client."""
    return Access(CLIENT_ROLES[ClientRole.OWNER], {"client": frozenset({client_id})})


async def current_access(session: AsyncSession, user: User) -> Access:
    """What a token issued in this transaction allows: no right lost meanwhile stays in it."""
    return await access_of(session, user)


async def access_of(
    session: AsyncSession, user: User, unknown: frozenset[str] = frozenset()
) -> Access:
    """What the user may do now. A department that has not arrived yet allows `unknown`."""
    if user.administrator:
        return EVERYTHING
    if user.kind is UserKind.EMPLOYEE:
        return await _access_of_employee(session, user, unknown)
    return await _access_of_client_user(session, user)


async def _access_of_employee(session: AsyncSession, user: User, unknown: frozenset[str]) -> Access:
    employee = await find_projected(session, EmployeeState, user.id)
    if employee is None:
        return Access(unknown)
    if employee.administrator:
        return EVERYTHING
    permissions = frozenset[str](employee.permissions)
    for department_id in employee.department_ids:
        department = await find_projected(session, DepartmentState, department_id)
        permissions |= unknown if department is None else _allowed_in(department)
    if not employee.provider_ids:
        return Access(permissions, everywhere=True)
    return Access(permissions, {"provider": frozenset(employee.provider_ids)})


def _allowed_in(department: DepartmentState) -> frozenset[str]:
    return permissions_in(department.sections) | frozenset[str](department.permissions)


def _allowed_to(role: str) -> frozenset[str]:
    """A role of a newer release allows nothing here."""
    return CLIENT_ROLES[ClientRole(role)] if role in CLIENT_ROLES else frozenset()


async def _access_of_client_user(session: AsyncSession, user: User) -> Access:
    place = await find_projected(session, ClientUserState, user.id)
    if place is not None:
        permissions = _allowed_to(place.role) | frozenset[str](place.permissions)
        return Access(permissions, {"client": frozenset({place.client_id})})
    # Who registered a client is its owner from the start, before clients has said so.
    return Access() if user.client_id is None else owner_of(user.client_id)
