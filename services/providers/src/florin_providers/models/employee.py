"""An employee: a person who works for providers, with rights from departments and of its own."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.permissions import ADMINISTRATOR_PERMISSIONS, Permission
from florin_contracts.providers import (
    EmployeeChanged,
    EmployeeEnded,
    EmployeeInvited,
    EmployeeJoined,
    EmployeeResumed,
    EmployeeStatus,
    EmployeeSuspended,
)
from florin_providers.models.base import Base
from florin_providers.models.directory import PersonName
from florin_providers.models.rights import Rights, require_may_give, require_may_touch
from florin_providers.models.staff_refusals import (
    EmailIsTheEmployees,
    EmployeeHasEnded,
    LastAdministrator,
    OwnRights,
)
from florin_providers.models.standing import Standing

_GOES_ON: Final = text("status <> 'ended'")


class EmailTaken(Refusal):
    """Another employee has this email address already, or somebody signs in with it."""

    code = "email_taken"


class UserNameTaken(Refusal):
    """The company directory calls another employee so already."""

    code = "user_name_taken"


class Employee(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.EmployeeState`.

    Who works for one of its providers sees it; one of every provider is seen by its equals only.
    Only who has all of its rights itself may change it. `joined` says that its login has a
    password: what a suspended one resumes to. The address of one that ended is free again.
    `user_name` and `name_parts` are a company directory's, and stated nowhere.
    """

    __tablename__ = "employees"
    __table_args__ = (
        Index("uq_employees_email", "email", unique=True, postgresql_where=_GOES_ON),
        Index(
            "uq_employees_user_name",
            text("lower(user_name)"),
            unique=True,
            postgresql_where=_GOES_ON,
        ),
        Index("ix_employees_department_ids", "department_ids", postgresql_using="gin"),
    )
    __refusals__: ClassVar = {
        "uq_employees_email": EmailTaken,
        "uq_employees_user_name": UserNameTaken,
    }
    __history__ = True
    tenants: ClassVar = {"provider": "provider_ids"}

    name: Mapped[str]
    email: Mapped[str]
    status: Mapped[EmployeeStatus]
    joined: Mapped[bool] = mapped_column(default=False)
    administrator: Mapped[bool]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    department_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))
    external_id: Mapped[str | None] = mapped_column(index=True)
    user_name: Mapped[str]
    name_parts: Mapped[PersonName | None] = mapped_column(ValueColumn(PersonName))

    @classmethod
    def new(cls, name: str, email: str, **given: Any) -> "Employee":
        """A person who is about to be asked; without rights, of every provider, unless given."""
        bare = {"administrator": False, "provider_ids": (), "department_ids": (), "permissions": ()}
        unknown = {"external_id": None, "user_name": email, "name_parts": None}
        state = {"status": EmployeeStatus.INVITED, "joined": False}
        return cls(name=name, email=email, **state | bare | unknown | given)

    @property
    def goes_on(self) -> bool:
        """Whether it has not left."""
        return self.status is not EmployeeStatus.ENDED

    def rights(self, standing: Standing) -> Rights:
        """What it may do, and where."""
        if self.administrator:
            return Rights(ADMINISTRATOR_PERMISSIONS, None)
        permissions = standing.given_by(self.department_ids).union(self.permissions)
        return Rights(permissions, frozenset(self.provider_ids) or None)

    def invite(self, standing: Standing) -> Fact:
        """Ask the person to join. Raises `GrantsMoreThanHeld`."""
        require_may_give(standing.by, self.rights(standing))
        return self.fact(EmployeeInvited)

    def invite_as_administrator(self) -> Fact:
        """State the first administrator, whom installation has asked to join."""
        return self.fact(EmployeeInvited)

    def join(self) -> Fact | None:
        """The login has a password: the person can sign in, unless it is suspended or has left."""
        if self.joined or self.status is EmployeeStatus.ENDED:
            return None
        self.joined = True
        if self.status is EmployeeStatus.INVITED:
            self.status = EmployeeStatus.ACTIVE
        return self.fact(EmployeeJoined)

    def take_email(self, email: str) -> Fact | None:
        """The person signs in with another address from now on."""
        if self.email == email or self.status is EmployeeStatus.ENDED:
            return None
        if self.user_name == self.email:
            self.user_name = email
        self.email = email
        return self.fact(EmployeeChanged)

    def change(self, changes: Mapping[str, Any], standing: Standing) -> Fact | None:
        """Set columns to new values; nothing to state if all were so.

        Raises `EmployeeHasEnded`, `MayDoMoreThanYou`, `EmailIsTheEmployees`, `LastAdministrator`,
        `OwnRights` and `GrantsMoreThanHeld`.
        """
        self._require_changeable(standing)
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        if not differing:
            return None
        if "email" in differing and self.joined:
            raise EmailIsTheEmployees("it signs in with its address: it alone changes that")
        before, was_administrator = self.rights(standing), self.administrator
        for name, value in differing.items():
            setattr(self, name, value)
        after = self.rights(standing)
        if after != before:
            demoted = was_administrator and not self.administrator
            self._require_may_lose_rights(standing, leaves_none=demoted)
            require_may_give(standing.by, after)
        return self.fact(EmployeeChanged)

    def suspend(self, standing: Standing) -> Fact | None:
        """Do nothing for the time being. Raises what `change` raises, but for grants."""
        self._require_changeable(standing)
        if self.status is EmployeeStatus.SUSPENDED:
            return None
        self._require_may_lose_rights(standing, leaves_none=True)
        self.status = EmployeeStatus.SUSPENDED
        return self.fact(EmployeeSuspended)

    def resume(self, standing: Standing) -> Fact | None:
        """Work again, or be invited as before.

        Raises `EmployeeHasEnded`, `MayDoMoreThanYou` and `OwnRights`.
        """
        self._require_changeable(standing)
        if self.status is not EmployeeStatus.SUSPENDED:
            return None
        self._require_may_lose_rights(standing, leaves_none=False)
        self.status = EmployeeStatus.ACTIVE if self.joined else EmployeeStatus.INVITED
        return self.fact(EmployeeResumed)

    def end(self, standing: Standing) -> Fact:
        """Leave, for good. Raises what `suspend` raises."""
        self._require_changeable(standing)
        self._require_may_lose_rights(standing, leaves_none=True)
        self.status = EmployeeStatus.ENDED
        return self.fact(EmployeeEnded)

    def _require_changeable(self, standing: Standing) -> None:
        if self.status is EmployeeStatus.ENDED:
            raise EmployeeHasEnded("the employee has left, for good")
        require_may_touch(standing.by, self.rights(standing))

    def _require_may_lose_rights(self, standing: Standing, *, leaves_none: bool) -> None:
        if leaves_none and standing.last_administrator:
            raise LastAdministrator("nobody else who works here may do everything")
        if standing.by.user_id == self.id:
            raise OwnRights("ask somebody else: nobody changes its own rights")
