"""Values that describe a party: its country, what it is before the law, and how it is reached."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from florin_contracts.countries import COUNTRIES
from florin_contracts.values import Value

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country by its ISO 3166-1 alpha-2 code."""


def _known(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError(f"{code!r} is no country of ISO 3166-1")
    return code


CountryInBody = Annotated[Country, AfterValidator(_known)]
"""A country as a request brings it: one that there is. Events may name one that there was."""


class PayerType(StrEnum):
    """What a payer is before the law."""

    INDIVIDUAL = "individual"
    LEGAL_ENTITY = "legal_entity"
    SOLE_TRADER = "sole_trader"


class PostalAddress(Value):
    """Where a party is, or gets its post; written from the smallest to the largest."""

    lines: tuple[str, ...]
    """House, street and what else stands above the place: one to four lines."""
    city: str
    """The place."""
    region: str | None = None
    """The region or state, where addresses have one."""
    postal_code: str | None = None
    """The postal code, where there is one."""
    country: Country
    """The country."""


class Contact(Value):
    """How a party is reached."""

    name: str | None = None
    """Whom to ask for; none for the party as such."""
    role: str | None = None
    """What the contact is for, for example accounting."""
    email: str | None = None
    """Its address."""
    phone: str | None = None
    """Its telephone number, as E.164 writes it: `+74951234567`."""


class Signatory(Value):
    """Who signs for a party, and what entitles it to."""

    name: str
    """The person."""
    position: str | None = None
    """Its office, for example general director; a sole trader has none."""
    grounds: str | None = None
    """What entitles it to sign, for example the charter, or a power of attorney with its date."""
