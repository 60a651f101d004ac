"""A company: the legal entity to which accounting documents are linked."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.images import Image
from florin_contracts.numbering import NumberingTemplate
from florin_contracts.party import Contact, PostalAddress, Signatory
from florin_contracts.providers import (
    BankAccount,
    CompanyArchived,
    CompanyChanged,
    CompanyCreated,
    CompanyLinksChanged,
    LegalStatus,
    NumberingChanged,
    Rounding,
)
from florin_providers.models.base import Base
from florin_providers.models.numbering import require_distinct_numbers
from florin_providers.models.particulars import require_valid
from florin_providers.models.uses import InUse, Uses


class SetAtSetup(Refusal):
    """Country and legal status stay what they were: make a new company."""

    code = "set_at_setup"


class CompanyIsArchived(Refusal):
    """The company issues no more documents."""

    code = "company_archived"


class CompanyInUse(InUse):
    """Providers or their service conditions still name the company; `used_by` says which."""

    code = "company_in_use"


class Company(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.CompanyState`.

    Who works for one of its providers sees it. `past_templates` are those that numbered before.
    """

    __tablename__ = "companies"
    __history__ = True
    tenants: ClassVar = {"provider": "provider_ids"}

    name: Mapped[str]
    country: Mapped[str]
    legal_status: Mapped[LegalStatus]
    tax_number: Mapped[str | None]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    suspended_provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    full_name: Mapped[str | None]
    registration: Mapped[dict[str, str]] = mapped_column(JSONB)
    legal_address: Mapped[PostalAddress | None] = mapped_column(ValueColumn(PostalAddress))
    postal_address: Mapped[PostalAddress | None] = mapped_column(ValueColumn(PostalAddress))
    contacts: Mapped[tuple[Contact, ...]] = mapped_column(ValueColumn(tuple[Contact, ...]))
    director: Mapped[Signatory | None] = mapped_column(ValueColumn(Signatory))
    bank_accounts: Mapped[tuple[BankAccount, ...]] = mapped_column(
        ValueColumn(tuple[BankAccount, ...])
    )
    logo: Mapped[Image | None] = mapped_column(ValueColumn(Image))
    stamp: Mapped[Image | None] = mapped_column(ValueColumn(Image))
    document_language: Mapped[str]
    rounding: Mapped[Rounding]
    tax_regime: Mapped[str | None]
    document_prefix: Mapped[str]
    numbering: Mapped[tuple[NumberingTemplate, ...]] = mapped_column(
        ValueColumn(tuple[NumberingTemplate, ...])
    )
    past_templates: Mapped[tuple[tuple[NumberingTemplate, str], ...]] = mapped_column(
        ValueColumn(tuple[tuple[NumberingTemplate, str], ...])
    )
    archived: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A company belongs to the providers that it is linked to, suspended or not."""
        if dimension != "provider":
            return super().within(dimension, ids)
        columns = (cls.provider_ids, cls.suspended_provider_ids)
        return or_(*(column.overlap(list(ids)) for column in columns))

    def create(self) -> Fact:
        """Begin to issue documents for its providers. Raises `Malformed`."""
        require_valid(self)
        return self.fact(CompanyCreated)

    def require_issuing(self) -> None:
        """Raise `CompanyIsArchived` if it does no more."""
        if self.archived:
            raise CompanyIsArchived(f"{self.name} issues no more documents")

    def change(self, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so.

        Raises `CompanyIsArchived`, `SetAtSetup` and, for a number that is wrong, `Malformed`.
        """
        self.require_issuing()
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        if fixed := {"country", "legal_status"} & differing.keys():
            raise SetAtSetup(
                f"the {' and '.join(sorted(fixed)).replace('_', ' ')} of a company does not change:"
                " make a new company",
                fields=sorted(fixed),
            )
        for name, value in differing.items():
            setattr(self, name, value)
        require_valid(self)
        return self.fact(CompanyChanged) if differing else None

    def show(self, purpose: str, image: Image | None) -> Fact | None:
        """Have another logo or stamp on documents from now on, or none."""
        return self.change({purpose: image})

    def link(self, provider_id: UUID, *, suspended: bool) -> Fact | None:
        """Serve a provider, or be linked to it without serving it for the time being."""
        self.require_issuing()
        serves, rests = self.provider_ids, self.suspended_provider_ids
        if provider_id in (rests if suspended else serves):
            return None
        self._unlink(provider_id)
        if suspended:
            self.suspended_provider_ids = (*self.suspended_provider_ids, provider_id)
        else:
            self.provider_ids = (*self.provider_ids, provider_id)
        return self.fact(CompanyLinksChanged)

    def unlink(self, provider_id: UUID, uses: Uses) -> Fact | None:
        """Serve a provider no more. Raises `CompanyInUse` while conditions name it."""
        if provider_id not in (*self.provider_ids, *self.suspended_provider_ids):
            return None
        if uses:
            raise CompanyInUse.by(uses, "the provider's service conditions name the company")
        self._unlink(provider_id)
        return self.fact(CompanyLinksChanged)

    def _unlink(self, provider_id: UUID) -> None:
        self.provider_ids = tuple(p for p in self.provider_ids if p != provider_id)
        self.suspended_provider_ids = tuple(
            p for p in self.suspended_provider_ids if p != provider_id
        )

    def number_by(self, templates: tuple[NumberingTemplate, ...], prefix: str) -> Fact | None:
        """Number documents otherwise from now on. Raises the refusals of `models.numbering`."""
        self.require_issuing()
        if (templates, prefix) == (self.numbering, self.document_prefix):
            return None
        self.past_templates = require_distinct_numbers(
            templates, prefix, self.past_templates, (self.numbering, self.document_prefix)
        )
        self.numbering, self.document_prefix = templates, prefix
        return self.fact(NumberingChanged)

    def archive(self) -> Fact | None:
        """Issue no more documents, for good. Raises `CompanyInUse` while it is linked."""
        if self.archived:
            return None
        linked = (*self.provider_ids, *self.suspended_provider_ids)
        if linked:
            raise CompanyInUse.by({"providers": linked}, f"{self.name} is linked")
        self.archived = True
        return self.fact(CompanyArchived)
