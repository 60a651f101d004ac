"""A service account: a program that signs in by itself, with rights of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import (
    ServiceAccountChanged,
    ServiceAccountCreated,
    ServiceAccountDisabled,
)
from florin_contracts.permissions import Permission
from florin_identity.models.base import Base
from florin_identity.models.invitation import GrantsMoreThanHeld
from florin_identity.models.rights import Rights


class AccountDisabled(Refusal):
    """A service account that was disabled stays so: make another."""

    code = "service_account_disabled"


class ServiceAccount(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.ServiceAccountState`.

    Only who works for all of its providers sees it: who changes or ends a program ends it for all
    of them.
    """

    __tablename__ = "service_accounts"
    tenants: ClassVar = {"provider": "provider_ids"}

    name: Mapped[str]
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    disabled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """Every one of its providers is among these; one of all providers is within none."""
        if dimension != "provider":
            return super().within(dimension, ids)
        column: Any = cls.provider_ids
        return and_(func.cardinality(column) > 0, column.contained_by(list(ids)))

    @property
    def access(self) -> Rights:
        """What it may do, and where; of its version now."""
        permissions = frozenset[str](self.permissions)
        if not self.provider_ids:
            return Rights(permissions, everywhere=True, version=self.version)
        reach = {"provider": frozenset(self.provider_ids)}
        return Rights(permissions, reach, version=self.version)

    def create(self, by: Actor) -> Fact:
        """Come into being. Raises `GrantsMoreThanHeld`."""
        self.require_within(by)
        return self.fact(ServiceAccountCreated)

    def change(self, by: Actor, changes: Mapping[str, Any]) -> Fact | None:
        """Be renamed, or have other rights. Nothing to state if all was so.

        Raises `AccountDisabled`, and `GrantsMoreThanHeld` of whoever holds less than it has or is
        to have.
        """
        self.require_enabled()
        self.require_within(by)
        differing = {k: v for k, v in changes.items() if getattr(self, k) != v}
        for column, value in differing.items():
            setattr(self, column, value)
        if not differing:
            return None
        self.require_within(by)
        return self.fact(ServiceAccountChanged)

    def lose_secrets(self) -> Fact:
        """Have the tokens refused that were got with secrets that hold no more."""
        return self.fact(ServiceAccountChanged)

    def disable(self) -> Fact | None:
        """Sign in no more, for good."""
        if self.disabled:
            return None
        self.disabled = True
        return self.fact(ServiceAccountDisabled)

    def require_enabled(self) -> None:
        """Raise `AccountDisabled` if it is."""
        if self.disabled:
            raise AccountDisabled("the service account is disabled")

    def require_within(self, actor: Actor) -> None:
        """Raise `GrantsMoreThanHeld` if the account may do more than the actor, or elsewhere."""
        if not self.access.is_within(actor):
            raise GrantsMoreThanHeld("the service account may do more than you may")
