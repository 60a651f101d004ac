"""What the routes take and answer."""

from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.money import CurrencyCode
from florin_contracts.party import Country, PayerType
from florin_contracts.permissions import Permission, Section
from florin_contracts.providers import EmployeeStatus, LegalStatus, ServiceCondition
from florin_providers.api.time_zones import TimeZone
from florin_providers.models import RefusedBecause

T = TypeVar("T")


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("each may be named only once")
    return values


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,62}$")]
Ids = Annotated[tuple[UUID, ...], Field(max_length=100), AfterValidator(_distinct)]
Sections = Annotated[tuple[Section, ...], AfterValidator(_distinct)]
Permissions = Annotated[tuple[Permission, ...], AfterValidator(_distinct)]


class Changes(Body):
    """What to change; what is left out or null stays."""

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        return self.model_dump(exclude_none=True)


class NewProvider(Body):
    """A provider to create."""

    name: Line
    slug: Slug
    currency: CurrencyCode
    time_zone: TimeZone


class ProviderChanges(Changes):
    """What to change of a provider; what is left out or null stays."""

    name: Line | None = None
    registration_open: bool | None = None
    employees_need_second_factor: bool | None = None


class NewCondition(Body):
    """One rule; a field that is left out matches any payer."""

    company_id: UUID
    country: Country | None = None
    except_country: Country | None = None
    payer_type: PayerType | None = None

    @model_validator(mode="after")
    def _can_match(self) -> Self:
        if self.country is not None and self.country == self.except_country:
            raise ValueError("the rule excepts its only country, so it matches no payer")
        return self


class NewConditions(Body):
    """All the rules of a provider, in the order in which they are tried."""

    conditions: Annotated[tuple[NewCondition, ...], Field(max_length=100)]

    def to_contract(self) -> tuple[ServiceCondition, ...]:
        """The rules as they are kept and stated."""
        return tuple(ServiceCondition.model_validate(c.model_dump()) for c in self.conditions)


class ProviderAnswer(Resource):
    """A provider."""

    name: str
    slug: str
    currency: str
    time_zone: str
    registration_open: bool
    employees_need_second_factor: bool
    conditions: tuple[ServiceCondition, ...]


class NewCompany(Body):
    """A company to set up, for at least one provider."""

    name: Line
    country: Country
    legal_status: LegalStatus
    tax_number: Line | None = None
    provider_ids: Annotated[Ids, Field(min_length=1)]


class CompanyAnswer(Resource):
    """A company."""

    name: str
    country: str
    legal_status: LegalStatus
    tax_number: str | None
    provider_ids: tuple[UUID, ...]


class NewDepartment(Body):
    """A department to set up."""

    name: Line
    sections: Sections = ()
    permissions: Permissions = ()


class DepartmentChanges(Changes):
    """What to change of a department, for all its members; what is left out or null stays."""

    name: Line | None = None
    sections: Sections | None = None
    permissions: Permissions | None = None


class DepartmentAnswer(Resource):
    """A department."""

    name: str
    sections: tuple[Section, ...]
    permissions: tuple[Permission, ...]
    external_id: str | None
    removed: bool


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
