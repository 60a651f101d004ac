"""A user's place in a client's account."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_clients.models.client import Client
from florin_contracts.clients import ClientUserAdded
from florin_contracts.permissions import ClientRole, Permission


class ClientUser(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.ClientUserState`; `id` is the user's."""

    __tablename__ = "client_users"
    __table_args__ = (Index(None, "client_id", "id"),)
    tenants: ClassVar = {"client": "client_id", "provider": "client_id"}

    # Deferred, because a client and its first user are written in one transaction, in any order.
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("clients.id", deferrable=True, initially="DEFERRED")
    )
    name: Mapped[str]
    role: Mapped[ClientRole]
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A user is where its client is: it has no provider of its own."""
        if dimension != "provider":
            return super().within(dimension, ids)
        return cls.client_id.in_(select(Client.id).where(Client.within(dimension, ids)))

    def add(self) -> Fact:
        """Take the place."""
        return self.fact(ClientUserAdded)
