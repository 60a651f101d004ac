"""A payer: whom a client's money matters are linked to."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Index, exists
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Malformed
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.party import PayerType
from florin_contracts.payers import PayerCompanyChosen, PayerCreated, ServingCompany, company_kept
from florin_contracts.providers import ProviderState
from florin_countries.packs import pack_of
from florin_payers.models.account import Account
from florin_payers.models.base import Base


class Payer(Aggregate, Tenanted, Base):
    """See `florin_contracts.payers.PayerState`."""

    __tablename__ = "payers"
    __table_args__ = (Index(None, "client_id", "id"),)
    tenants: ClassVar = {"client": "client_id"}

    client_id: Mapped[UUID]
    payer_type: Mapped[PayerType]
    name: Mapped[str]
    country: Mapped[str]
    email: Mapped[str]
    tax_number: Mapped[str | None]
    companies: Mapped[tuple[ServingCompany, ...]] = mapped_column(
        ValueColumn(tuple[ServingCompany, ...])
    )

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A payer belongs to its client's providers: those where the client has an account."""
        if dimension != "provider":
            return super().within(dimension, ids)
        accounts = Account.__table__.c  # the table: the filter of its class would come on top
        return exists().where(accounts.client_id == cls.client_id, accounts.provider_id.in_(ids))

    def create(self) -> Fact:
        """Begin to pay; raises `Malformed`, naming the check that its tax number fails."""
        if self.payer_type is not PayerType.INDIVIDUAL and self.tax_number is None:
            kind = self.payer_type.replace("_", " ")
            raise Malformed.field("tax_number", f"a {kind} has one", code="missing")
        numbers = {} if self.tax_number is None else {"tax_number": self.tax_number}
        for fault in pack_of(self.country).faults(self.payer_type, numbers):
            if fault.field in numbers:  # a pack asks for more, which no payer is asked for yet
                raise Malformed.field(fault.field, fault.reason, code=fault.code)
        return self.fact(PayerCreated)

    def company_at(self, provider: ProviderState) -> UUID | None:
        """Who invoices it there, unless the provider has asked for another choice since."""
        return company_kept(self.companies, provider)

    def be_served_by(self, company_id: UUID, provider: ProviderState) -> Fact:
        """Have documents from the company at the provider from now on; earlier ones stay."""
        others = tuple(c for c in self.companies if c.provider_id != provider.id)
        chosen = ServingCompany(
            provider_id=provider.id, company_id=company_id, evaluation=provider.evaluation
        )
        self.companies = (*others, chosen)
        return self.fact(PayerCompanyChosen, provider_id=provider.id, company_id=company_id)
