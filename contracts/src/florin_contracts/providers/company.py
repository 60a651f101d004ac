"""A company: the legal entity to which accounting documents are linked."""

from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.party import Country
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class LegalStatus(StrEnum):
    """What a company is before the law."""

    LEGAL_ENTITY = "legal_entity"
    SOLE_TRADER = "sole_trader"


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


class CompanyCreated(CompanyState, Event, type="florin.providers.company.created.v1"):
    """A company was set up for its providers."""
