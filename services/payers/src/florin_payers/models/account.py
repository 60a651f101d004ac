"""A client's personal account with one provider, in a currency that it sells or sold in."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from florin_chassis.errors import ConcurrentChange
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.payers import AccountOpened
from florin_payers.models.base import Base
from florin_payers.models.ledger import Book, Holder


class Account(Aggregate, Tenanted, Base):
    """See `florin_contracts.payers.AccountState`; its balance is kept by the ledger."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("client_id", "provider_id", "currency"),
        Index(None, "provider_id", "client_id"),
    )
    __refusals__: ClassVar = {"uq_accounts_client_id_provider_id_currency": ConcurrentChange}
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    client_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    currency: Mapped[str]

    @property
    def holder(self) -> Holder:
        """Where the ledger keeps this account's money."""
        return Holder(Book.PERSONAL, self.id)

    def open(self) -> Fact:
        """Begin to hold money."""
        return self.fact(AccountOpened)
