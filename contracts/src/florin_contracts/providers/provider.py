"""A provider: who sells, in which currency, and which company serves whom."""

from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.money import CurrencyCode
from florin_contracts.party import Country, PayerType
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ServiceCondition(Value):
    """One rule of which company serves a payer; `None` in a field matches any."""

    company_id: UUID
    """The company that serves who matches."""
    country: Country | None = None
    """Payers of this country only."""
    except_country: Country | None = None
    """Payers of any country but this."""
    payer_type: Open[PayerType] | None = None
    """Payers of this type only."""

    def mismatch(self, country: Country, payer_type: str) -> str | None:
        """Why this rule does not match, in words; `None` when it does."""
        if self.country is not None and country != self.country:
            return f"country is {country}, not {self.country}"
        if self.except_country is not None and country == self.except_country:
            return f"country is {country}, which the rule excepts"
        if self.payer_type is not None and payer_type != self.payer_type:
            return f"payer type is {payer_type}, not {self.payer_type}"
        return None


class ProviderState(Value):
    """A brand under which services are sold, in exactly one currency.

    `conditions` are tried in order; the first that matches names the company.
    """

    id: UUID
    """The provider."""
    name: str
    """The brand."""
    slug: str
    """A short name for addresses, unique among providers."""
    currency: CurrencyCode
    """The one currency that it sells in."""
    time_zone: str
    """Where its billing days begin: a name of the IANA database."""
    registration_open: bool
    """Whether clients may register themselves."""
    conditions: tuple[ServiceCondition, ...]
    """Which company serves which payer: tried in order, the first that matches counts."""
    employees_need_second_factor: bool = False
    """Whether its employees sign in with a second factor only."""

    def company_for(self, country: Country, payer_type: str) -> UUID | None:
        """The id of the company that serves such a payer here; `None` when no rule matches."""
        matching = (c for c in self.conditions if c.mismatch(country, payer_type) is None)
        return next((condition.company_id for condition in matching), None)


class ProviderCreated(ProviderState, Event, type="florin.providers.provider.created.v1"):
    """A provider began to sell."""


class ServiceConditionsChanged(
    ProviderState, Event, type="florin.providers.provider.conditions-changed.v1"
):
    """The rules of which company serves which payer were replaced as a whole."""


class ProviderChanged(ProviderState, Event, type="florin.providers.provider.changed.v1"):
    """A provider's own settings changed; its conditions and its currency did not."""
