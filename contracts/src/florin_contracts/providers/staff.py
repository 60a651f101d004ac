"""Staff: departments, and the employees who are in them."""

from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.permissions import Permission, Section
from florin_contracts.providers.hours import BusinessHours
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class DepartmentState(Value):
    """A named group of employees; its rights are its sections' and its own permissions together."""

    id: UUID
    """The department."""
    name: str
    """What it is called where `names` has no better."""
    sections: tuple[Open[Section], ...]
    """The parts of the control panel that it is given as a whole."""
    permissions: tuple[Open[Permission], ...]
    """Its own grants, beside its sections'."""
    external_id: str | None = None
    """What the company's own directory calls it, if that provisions departments (SCIM)."""
    removed: bool = False
    """Whether it is there no more: it gives no right, and nobody is in it."""
    names: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    """What it is called in other languages, by their tags of BCP 47."""
    business_hours: BusinessHours | None = None
    """When it works; none is always."""
    shown_in_support: bool = False
    """Whether clients see it where they ask for help."""


class DepartmentCreated(DepartmentState, Event, type="florin.providers.department.created.v1"):
    """A department was set up."""


class DepartmentChanged(DepartmentState, Event, type="florin.providers.department.changed.v1"):
    """A department has another name, other hours or rights, or is shown elsewhere."""


class DepartmentRemoved(DepartmentState, Event, type="florin.providers.department.removed.v1"):
    """A department is there no more; its members had left it before."""


class EmployeeStatus(StrEnum):
    """*invited* (has not signed up yet) → *active* ⇄ *suspended* → *ended*, for good."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class EmployeeState(Value):
    """A person who works for providers; `id` is also that of the login that identity keeps for it.

    `provider_ids` empty means every provider; `permissions` are its own grants beside its
    departments'. An administrator may do everything.
    """

    id: UUID
    """The employee, and the login that identity keeps for it."""
    name: str
    """What the employee is called."""
    email: str
    """The address that the employee signs in with."""
    status: Open[EmployeeStatus]
    administrator: bool
    """Whether everything is allowed."""
    provider_ids: tuple[UUID, ...]
    """The providers that it works for; empty means all."""
    department_ids: tuple[UUID, ...]
    """The departments whose rights it has."""
    permissions: tuple[Open[Permission], ...]
    """Its own grants, beside its departments'."""
    external_id: str | None = None
    """What the company's own directory calls it, if that provisions employees (SCIM)."""


class EmployeeInvited(EmployeeState, Event, type="florin.providers.employee.invited.v1"):
    """An employee was asked to join; identity makes the login, under the same id."""


class EmployeeJoined(EmployeeState, Event, type="florin.providers.employee.joined.v1"):
    """An employee set a password, and can sign in unless it is suspended meanwhile."""


class EmployeeChanged(EmployeeState, Event, type="florin.providers.employee.changed.v1"):
    """An employee has another name, address, departments, grants or providers.

    Also: it became an administrator, or ceased to be one.
    """


class EmployeeSuspended(EmployeeState, Event, type="florin.providers.employee.suspended.v1"):
    """An employee may do nothing for the time being."""


class EmployeeResumed(EmployeeState, Event, type="florin.providers.employee.resumed.v1"):
    """A suspended employee works again."""


class EmployeeEnded(EmployeeState, Event, type="florin.providers.employee.ended.v1"):
    """An employee left, for good."""
