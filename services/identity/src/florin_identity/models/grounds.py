"""The grounds of a user's access: what the owners of rights have stated of it, and what follows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from florin_contracts.clients import ClientUserState, ClientUserStatus
from florin_contracts.identity import UserKind, UserStatus
from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    SECTIONS,
    ClientRole,
    Permission,
    Section,
)
from florin_contracts.providers import DepartmentState, EmployeeState, EmployeeStatus
from florin_identity.models.rights import NOTHING, Rights
from florin_identity.models.user import User

W = TypeVar("W", bound=StrEnum)
_MAY_ACT: Final = frozenset(
    {
        EmployeeStatus.INVITED,
        EmployeeStatus.ACTIVE,
        ClientUserStatus.INVITED,
        ClientUserStatus.ACTIVE,
    }
)
"""Who is invited has its rights already; it cannot sign in before it has a password."""


class SourceKind(StrEnum):
    """Where rights come from."""

    ADMINISTRATOR = "administrator"
    SECTION = "section"
    DEPARTMENT = "department"
    ROLE = "role"
    GRANT = "grant"


class Source(NamedTuple):
    """One thing that gives rights: a department's section or own grants, a role, a user's grants.

    `name` is the department's, or the role's; `section` is named beside its department.
    """

    kind: SourceKind
    permissions: frozenset[str]
    name: str | None = None
    department_id: UUID | None = None
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known of a user here. `erased` says that its owner has forgotten it for good."""

    user: User
    employee: EmployeeState | None = None
    place: ClientUserState | None = None
    departments: Mapping[UUID, DepartmentState] = field(default_factory=dict)
    erased: bool = False

    @property
    def department_ids(self) -> tuple[UUID, ...]:
        """The departments that it follows from, whether they have arrived or not."""
        return () if self.employee is None else tuple(sorted(set(self.employee.department_ids)))

    @property
    def missing(self) -> bool:
        """Whether something that has yet to arrive may allow more."""
        if self.user.kind is UserKind.CLIENT:
            return False
        return self.employee is None or not self.departments.keys() >= {*self.department_ids}

    @property
    def is_administrator(self) -> bool:
        """Providers say it of an employee; before they do, installation did."""
        return self.user.administrator if self.employee is None else self.employee.administrator

    @property
    def suspended(self) -> bool:
        """Whether it may do nothing at all, here or where it belongs."""
        facts = (self.employee, self.place)
        return (
            self.erased
            or self.user.status in {UserStatus.SUSPENDED, UserStatus.LEFT}
            or any(fact is not None and fact.status not in _MAY_ACT for fact in facts)
        )

    def sources(self) -> list[Source]:
        """Everything that gives rights to the user, whether or not it is suspended."""
        if self.user.kind is UserKind.CLIENT:
            return list(self._of_client_user())
        if self.is_administrator:
            return [Source(SourceKind.ADMINISTRATOR, ADMINISTRATOR_PERMISSIONS)]
        return list(self._of_employee())

    def _of_employee(self) -> Iterator[Source]:
        if self.employee is None:
            return
        for department in filter(_goes_on, self.departments.values()):
            of = department.name, department.id
            for section in _known(Section, department.sections):
                yield Source(SourceKind.SECTION, SECTIONS[section], *of, section)
            yield Source(SourceKind.DEPARTMENT, _known(Permission, department.permissions), *of)
        yield Source(SourceKind.GRANT, _known(Permission, self.employee.permissions))

    def _of_client_user(self) -> Iterator[Source]:
        if self.place is not None:
            for role in _known(ClientRole, [self.place.role]):
                yield Source(SourceKind.ROLE, CLIENT_ROLES[role], role)
            yield Source(SourceKind.GRANT, _known(Permission, self.place.permissions))
        elif self.user.client_id is not None:
            # Who registered a client is its owner from the start, before clients has said so.
            yield Source(SourceKind.ROLE, CLIENT_ROLES[ClientRole.OWNER], ClientRole.OWNER)

    def places(self) -> Rights:
        """Where the user's rights hold, whichever they are."""
        if self.user.kind is UserKind.CLIENT:
            client_id = self.user.client_id if self.place is None else self.place.client_id
            return _within("client", () if client_id is None else (client_id,))
        if self.is_administrator:
            return Rights(everywhere=True)
        if self.employee is None:
            return NOTHING
        provider_ids = self.employee.provider_ids
        return _within("provider", provider_ids) if provider_ids else Rights(everywhere=True)

    def rights(self, unknown: frozenset[str] = frozenset()) -> Rights:
        """What all of it adds up to. What has yet to arrive allows `unknown`."""
        return NOTHING if self.suspended else self.rights_if_active(unknown)

    def rights_if_active(self, unknown: frozenset[str] = frozenset()) -> Rights:
        """The same of one that is suspended, as if it were not."""
        places, given = self.places(), (source.permissions for source in self.sources())
        permissions = frozenset[str]().union(*given, unknown if self.missing else ())
        return Rights(permissions, places.reach, places.everywhere)


def _goes_on(department: DepartmentState) -> bool:
    return not department.removed


def _within(dimension: str, ids: Iterable[UUID]) -> Rights:
    return Rights(reach={dimension: frozenset(ids)})


def _known(words: type[W], given: Iterable[str]) -> frozenset[W]:
    """A word of a newer release allows nothing here."""
    return frozenset(words(word) for word in given if word in frozenset[str](words))
