"""A company: the legal entity to which accounting documents are linked."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.images import Image
from florin_contracts.money import CurrencyCode
from florin_contracts.numbering import DEFAULT_TEMPLATES, DocumentType, NumberingTemplate
from florin_contracts.party import Contact, Country, PostalAddress, Signatory
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class LegalStatus(StrEnum):
    """What a company is before the law."""

    LEGAL_ENTITY = "legal_entity"
    SOLE_TRADER = "sole_trader"


class Rounding(StrEnum):
    """Where amounts of tax become whole minor units; halves go away from zero."""

    LINE = "line"
    TAX_RATE = "tax_rate"
    DOCUMENT = "document"


class BankAccount(Value):
    """Where payments go to."""

    country: Country
    """The country of the bank, whose pack names the `details`."""
    currency: CurrencyCode
    """What the account is in."""
    details: Mapping[str, str]
    """What payments to it need, by the names of the country's pack: `account`, `bank_code`, ..."""


class CompanyState(Value):
    """A legal entity to which accounting documents are linked; serves one or more providers."""

    id: UUID
    """The company."""
    name: str
    """Its name as documents spell it."""
    country: Country
    """Where it is established."""
    legal_status: Open[LegalStatus]
    tax_number: str | None
    """Its tax number; none where it has none."""
    provider_ids: tuple[UUID, ...]
    """The providers that it serves."""
    suspended_provider_ids: tuple[UUID, ...] = ()
    """Those that it is linked to, but does not serve for the time being."""
    full_name: str | None = None
    """Its legal name in full."""
    registration: Mapping[str, str] = {}
    """Its other numbers, by the names of its country's pack, such as `kpp` or `siren`."""
    legal_address: PostalAddress | None = None
    """Where the law finds it."""
    postal_address: PostalAddress | None = None
    """Where it gets its post, if that is elsewhere."""
    contacts: tuple[Contact, ...] = ()
    """How it is reached."""
    director: Signatory | None = None
    """Who signs for it."""
    bank_accounts: tuple[BankAccount, ...] = ()
    """Where payments go to; the first in a currency is the one on documents."""
    logo: Image | None = None
    """Its logo on documents."""
    stamp: Image | None = None
    """Its stamp on documents."""
    document_language: str = "en"
    """The language of its documents, as BCP 47 writes it."""
    rounding: Open[Rounding] = Rounding.LINE
    """Where its documents round."""
    tax_regime: str | None = None
    """How it is taxed, by the names of its country's pack."""
    document_prefix: str = ""
    """What `{prefix}` stands for in its numbering templates."""
    numbering: tuple[NumberingTemplate, ...] = ()
    """How its documents are numbered; a type that is not among them, by default."""
    archived: bool = False
    """Whether it issues no more documents, for good."""

    def template_for(self, document_type: DocumentType) -> NumberingTemplate:
        """How documents of this type are numbered."""
        own = (t for t in self.numbering if t.document_type == document_type)
        return next(own, DEFAULT_TEMPLATES[document_type])


class CompanyCreated(CompanyState, Event, type="florin.providers.company.created.v1"):
    """A company was set up for its providers."""


class CompanyChanged(CompanyState, Event, type="florin.providers.company.changed.v1"):
    """What is known of a company changed; its country and legal status never do."""


class CompanyLinksChanged(CompanyState, Event, type="florin.providers.company.links-changed.v1"):
    """A company serves other providers: linked, unlinked, suspended or resumed."""


class NumberingChanged(CompanyState, Event, type="florin.providers.company.numbering-changed.v1"):
    """A company's documents are numbered otherwise from now on."""


class CompanyArchived(CompanyState, Event, type="florin.providers.company.archived.v1"):
    """A company issues no more documents, for good; those that it issued stay."""
