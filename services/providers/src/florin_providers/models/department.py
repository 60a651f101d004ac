"""A department: a named group of employees with rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.permissions import Permission, Section, permissions_in
from florin_contracts.providers import (
    BusinessHours,
    DepartmentChanged,
    DepartmentCreated,
    DepartmentRemoved,
)
from florin_providers.models.base import Base
from florin_providers.models.rights import Rights, require_held, require_may_touch
from florin_providers.models.staff_refusals import DepartmentIsRemoved, OwnRights


@dataclass(frozen=True, slots=True)
class Membership:
    """What an act upon a department is judged by, beside the department itself.

    `by` is who acts; `of_actor` says that it has rights from the department; `provider_ids` are
    those that members work for, `None` if one of them works for every provider.
    """

    by: Actor
    of_actor: bool
    provider_ids: frozenset[UUID] | None


class Department(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.DepartmentState`.

    It belongs to no provider: its rights act within the reach of each of its employees. So whoever
    changes them, for all members at once, holds them all, before and after, wherever members work.
    """

    __tablename__ = "departments"
    __history__ = True
    tenants: ClassVar = {"provider": None}

    name: Mapped[str]
    sections: Mapped[tuple[Section, ...]] = mapped_column(ValueColumn(tuple[Section, ...]))
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))
    external_id: Mapped[str | None] = mapped_column(index=True)
    removed: Mapped[bool] = mapped_column(default=False)
    names: Mapped[dict[str, str]] = mapped_column(ValueColumn(dict[str, str]))
    business_hours: Mapped[BusinessHours | None] = mapped_column(ValueColumn(BusinessHours))
    shown_in_support: Mapped[bool]

    @classmethod
    def new(cls, name: str, **given: Any) -> Self:
        """One that gives no right, works always and is shown nowhere, unless it is given more."""
        bare = {"sections": (), "permissions": (), "external_id": None, "removed": False}
        unseen = {"names": dict[str, str](), "business_hours": None, "shown_in_support": False}
        return cls(name=name, **bare | unseen | given)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """All of them for staff; for clients those that are shown to them."""
        if dimension == "client":
            return cls.shown_in_support.is_(True)
        return super().within(dimension, ids)

    @property
    def rights(self) -> frozenset[Permission]:
        """What each of its employees may do."""
        return permissions_in(self.sections).union(self.permissions)

    def create(self, by: Actor) -> Fact:
        """Set the department up. Raises `GrantsMoreThanHeld`."""
        require_held(by, self.rights)
        return self.fact(DepartmentCreated)

    def create_by_default(self) -> Fact:
        """Be there from installation on; nobody made it, and nobody is in it."""
        return self.fact(DepartmentCreated)

    def change(self, changes: Mapping[str, Any], membership: Membership) -> Fact | None:
        """Set columns to new values; nothing to state if all were so.

        Raises `DepartmentIsRemoved`, `MayDoMoreThanYou`, `OwnRights` and `GrantsMoreThanHeld`.
        """
        self.require_changeable(membership)
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        if not differing:
            return None
        before = self.rights
        for name, value in differing.items():
            setattr(self, name, value)
        if membership.of_actor and self.rights != before:
            raise OwnRights("ask somebody who is not in it: nobody changes its own rights")
        require_held(membership.by, self.rights)
        return self.fact(DepartmentChanged)

    def remove(self, membership: Membership) -> Fact:
        """Be there no more, once everybody has left. Raises what `change` raises."""
        self.require_changeable(membership)
        self.sections, self.permissions = (), ()
        self.removed, self.shown_in_support = True, False
        return self.fact(DepartmentRemoved)

    def require_changeable(self, membership: Membership) -> None:
        """Raise `DepartmentIsRemoved`, or `MayDoMoreThanYou` unless the actor has all it gives."""
        if self.removed:
            raise DepartmentIsRemoved("the department was removed")
        require_may_touch(membership.by, Rights(self.rights, membership.provider_ids))
