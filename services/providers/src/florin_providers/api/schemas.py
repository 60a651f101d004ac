"""What the routes take and answer."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.permissions import Permission, Section
from florin_contracts.providers import EmployeeStatus
from florin_providers.models import RefusedBecause

T = TypeVar("T")


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("each may be named only once")
    return values


distinct = AfterValidator(_distinct)
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,62}$")]
Ids = Annotated[tuple[UUID, ...], Field(max_length=100), distinct]
Sections = Annotated[tuple[Section, ...], distinct]
Permissions = Annotated[tuple[Permission, ...], distinct]


class Changes(Body):
    """What to change; what is left out or null stays."""

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        return self.model_dump(exclude_none=True)


class NewEmployee(Body):
    """A person to invite; no `provider_ids` means every provider."""

    name: Line
    email: Email
    provider_ids: Ids = ()
    department_ids: Ids = ()
    permissions: Permissions = ()


class EmployeeChanges(Changes):
    """What to change of an employee; what is left out or null stays.

    Its `email` until it signs in with it: from then on it alone changes that.
    """

    name: Line | None = None
    email: Email | None = None
    provider_ids: Ids | None = None
    department_ids: Ids | None = None
    permissions: Permissions | None = None
    administrator: bool | None = None


class EmployeeFields(Resource):
    """An employee, as it is kept here."""

    name: str
    email: str
    status: EmployeeStatus
    administrator: bool
    provider_ids: tuple[UUID, ...]
    department_ids: tuple[UUID, ...]
    permissions: tuple[Permission, ...]
    external_id: str | None


class EmployeeAnswer(EmployeeFields):
    """An employee. `refused_because`: it gets a login once its `email` is changed."""

    refused_because: RefusedBecause | None
