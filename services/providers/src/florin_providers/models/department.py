"""A department: a named group of employees with rights."""

from typing import ClassVar

from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.permissions import Permission, Section, permissions_in
from florin_contracts.providers import DepartmentCreated
from florin_providers.models.base import Base
from florin_providers.models.rights import require_held


class Department(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.DepartmentState`.

    It belongs to no provider: its rights act within the reach of each of its employees.
    """

    __tablename__ = "departments"
    tenants: ClassVar = {"provider": None}

    name: Mapped[str]
    sections: Mapped[tuple[Section, ...]] = mapped_column(ValueColumn(tuple[Section, ...]))
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))

    @property
    def rights(self) -> frozenset[Permission]:
        """What each of its employees may do."""
        return permissions_in(self.sections).union(self.permissions)

    def create(self, by: Actor) -> Fact:
        """Set the department up. Raises `GrantsMoreThanHeld`."""
        require_held(by, self.rights)
        return self.fact(DepartmentCreated)
