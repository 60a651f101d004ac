"""An employee: a person who works for providers, with rights from departments and of its own."""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.permissions import Permission
from florin_contracts.providers import EmployeeInvited, EmployeeJoined, EmployeeStatus
from florin_providers.models.base import Base
from florin_providers.models.department import Department
from florin_providers.models.rights import require_everywhere, require_held


class EmailTaken(Refusal):
    """Another employee has this email address already."""

    code = "email_taken"


class Employee(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.EmployeeState`.

    Who works for one of its providers sees it; one of every provider is seen by its equals only.
    """

    __tablename__ = "employees"
    __table_args__ = (UniqueConstraint("email"),)
    __refusals__: ClassVar = {"uq_employees_email": EmailTaken}
    tenants: ClassVar = {"provider": "provider_ids"}

    name: Mapped[str]
    email: Mapped[str]
    status: Mapped[EmployeeStatus]
    administrator: Mapped[bool]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    department_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))

    @classmethod
    def first_administrator(cls, user_id: UUID, name: str, email: str) -> "Employee":
        """The employee behind the login that installation made."""
        return cls(
            id=user_id,
            name=name,
            email=email,
            status=EmployeeStatus.INVITED,
            administrator=True,
            provider_ids=(),
            department_ids=(),
            permissions=(),
        )

    def invite(self, by: Actor, departments: Iterable[Department]) -> Fact:
        """Ask the person to join. Raises `GrantsMoreThanHeld`; `departments` are its own."""
        require_held(by, set(self.permissions).union(*(d.rights for d in departments)))
        if not self.provider_ids:
            require_everywhere(by)
        return self.fact(EmployeeInvited)

    def invite_as_administrator(self) -> Fact:
        """State the first administrator, whom installation has asked to join."""
        return self.fact(EmployeeInvited)

    def join(self) -> Fact:
        """The person can sign in."""
        self.status = EmployeeStatus.ACTIVE
        return self.fact(EmployeeJoined)
