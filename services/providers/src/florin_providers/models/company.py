"""A company: the legal entity to which accounting documents are linked."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers import CompanyCreated, LegalStatus
from florin_providers.models.base import Base


class Company(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.CompanyState`.

    Who works for one of its providers sees it.
    """

    __tablename__ = "companies"
    __history__ = True
    tenants: ClassVar = {"provider": "provider_ids"}

    name: Mapped[str]
    country: Mapped[str]
    legal_status: Mapped[LegalStatus]
    tax_number: Mapped[str | None]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))

    def create(self) -> Fact:
        """Begin to issue documents for its providers."""
        return self.fact(CompanyCreated)
