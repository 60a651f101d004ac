"""A client: who registers, orders and pays, at one provider or several."""

from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_contracts.clients import (
    ClientActivated,
    ClientActivity,
    ClientJoinedProvider,
    ClientRegistered,
)
from florin_contracts.identity import ClientRegistration


class Client(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.ClientState`."""

    __tablename__ = "clients"
    __table_args__ = (Index(None, "provider_ids", postgresql_using="gin"),)
    tenants: ClassVar = {"client": "id", "provider": "provider_ids"}

    name: Mapped[str]
    country: Mapped[str]
    state: Mapped[ClientActivity]
    provider_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))

    @classmethod
    def of(cls, registration: ClientRegistration) -> Self:
        """The client that a registration tells of."""
        return cls(
            id=registration.client_id,
            name=registration.name,
            country=registration.country,
            state=ClientActivity.NOT_ACTIVE,
            provider_ids=[registration.provider_id],
        )

    def register(self) -> Fact:
        """Begin as a client, of one provider and without any service."""
        return self.fact(ClientRegistered)

    def join(self, provider_id: UUID) -> list[Fact]:
        """Become a client of a provider; nothing when it is one already."""
        if provider_id in self.provider_ids:
            return []
        # A new list: a change inside the old one would go unnoticed, and unwritten.
        self.provider_ids = [*self.provider_ids, provider_id]
        return [self.fact(ClientJoinedProvider, provider_id=provider_id)]

    def activate(self) -> list[Fact]:
        """Be active, because a service is; nothing when another service is active already."""
        if self.state is ClientActivity.ACTIVE:
            return []
        self.state = ClientActivity.ACTIVE
        return [self.fact(ClientActivated)]
