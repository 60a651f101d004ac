"""What the routes of companies take and answer."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.money import CurrencyCode
from florin_contracts.party import Contact, CountryInBody, PostalAddress, Signatory
from florin_contracts.providers import BankAccount, CompanyState, LegalStatus, Rounding
from florin_providers.api.addresses import LocaleTag
from florin_providers.api.schemas import Changes, Ids

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
Numbers = Annotated[Mapping[Key, Line], Field(max_length=20)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{4,14}$")]


class NewAddress(Body):
    """Where a company is, or gets its post."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=4)]
    city: Line
    region: Line | None = None
    postal_code: Line | None = None
    country: CountryInBody


class NewContact(Body):
    """How a company is reached."""

    name: Line | None = None
    role: Line | None = None
    email: Email | None = None
    phone: Phone | None = None


class NewSignatory(Body):
    """Who signs for a company."""

    name: Line
    position: Line | None = None
    grounds: Line | None = None


class NewBankAccount(Body):
    """Where payments go to; `details` by the names of the country's pack."""

    country: CountryInBody
    currency: CurrencyCode
    details: Numbers


class NewCompany(Body):
    """A company to set up, for at least one provider."""

    name: Line
    country: CountryInBody
    legal_status: LegalStatus
    tax_number: Line | None = None
    provider_ids: Annotated[Ids, Field(min_length=1)]
    full_name: Line | None = None
    registration: Numbers = Field(default_factory=dict)
    legal_address: NewAddress | None = None
    postal_address: NewAddress | None = None
    contacts: Annotated[tuple[NewContact, ...], Field(max_length=20)] = ()
    director: NewSignatory | None = None
    bank_accounts: Annotated[tuple[NewBankAccount, ...], Field(max_length=20)] = ()
    document_language: LocaleTag = "en"
    rounding: Rounding = Rounding.LINE
    tax_regime: Key | None = None

    def columns(self) -> dict[str, Any]:
        """By the names of the aggregate's columns."""
        return _values(dict(self))


class CompanyChanges(Changes):
    """What to change of a company. What is left out stays, null takes away what may be absent.

    Country and legal status may be named, but never change.
    """

    name: Line | None = None
    country: CountryInBody | None = None
    legal_status: LegalStatus | None = None
    tax_number: Line | None = None
    full_name: Line | None = None
    registration: Numbers | None = None
    legal_address: NewAddress | None = None
    postal_address: NewAddress | None = None
    contacts: Annotated[tuple[NewContact, ...], Field(max_length=20)] | None = None
    director: NewSignatory | None = None
    bank_accounts: Annotated[tuple[NewBankAccount, ...], Field(max_length=20)] | None = None
    document_language: LocaleTag | None = None
    rounding: Rounding | None = None
    tax_regime: Key | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return _values({n: v for n, v in sent.items() if v is not None or n in _CLEARED})


_CLEARED: Final = {
    "tax_number",
    "full_name",
    "legal_address",
    "postal_address",
    "director",
    "tax_regime",
}
_VALUES: Final[dict[str, type[Contact | PostalAddress | Signatory | BankAccount]]] = {
    "legal_address": PostalAddress,
    "postal_address": PostalAddress,
    "contacts": Contact,
    "director": Signatory,
    "bank_accounts": BankAccount,
}


def _values(sent: dict[str, Any]) -> dict[str, Any]:
    """Bodies as the values that are kept and stated."""

    def value(name: str, given: Any) -> Any:
        if name not in _VALUES or given is None:
            return given
        if isinstance(given, tuple):
            return tuple(_VALUES[name].model_validate(one.model_dump()) for one in given)
        return _VALUES[name].model_validate(given.model_dump())

    return {name: value(name, given) for name, given in sent.items()}


class CompanyAnswer(Resource, CompanyState):
    """A company."""
