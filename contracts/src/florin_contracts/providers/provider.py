"""A provider: who sells, in which currency, and which company serves whom."""

from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.images import Image
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
    suspended: bool = False
    """Whether the company does not serve the provider for the time being: nobody matches then."""

    def mismatch(self, country: Country, payer_type: str) -> str | None:
        """Why this rule does not match, in words; `None` when it does."""
        if self.suspended:
            return "the company's link to the provider is suspended"
        if self.country is not None and country != self.country:
            return f"country is {country}, not {self.country}"
        if self.except_country is not None and country == self.except_country:
            return f"country is {country}, which the rule excepts"
        if self.payer_type is not None and payer_type != self.payer_type:
            return f"payer type is {payer_type}, not {self.payer_type}"
        return None


class RegistrationRules(Value):
    """Who may register itself as a provider's client, and what it agrees to."""

    countries_allowed: tuple[Country, ...] = ()
    """Clients of these countries only; of any if there are none."""
    countries_refused: tuple[Country, ...] = ()
    """No clients of these countries."""
    terms_url: str | None = None
    """The terms that whoever registers has to accept, by this address; none if there are none."""
    verified_email: bool = False
    """Whether a client orders only once an owner of it has proved that its address is its own."""

    def serves(self, country: Country) -> bool:
        """Whether clients of the country may register."""
        allowed = not self.countries_allowed or country in self.countries_allowed
        return allowed and country not in self.countries_refused


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
    """The one currency that it sells in now."""
    time_zone: str
    """Where its billing days begin: a name of the IANA database."""
    registration_open: bool
    """Whether clients may register themselves."""
    conditions: tuple[ServiceCondition, ...]
    """Which company serves which payer: tried in order, the first that matches counts."""
    employees_need_second_factor: bool = False
    """Whether its employees sign in with a second factor only."""

    locale: str = "en"
    """The language and region that it speaks to clients in, as BCP 47 writes it: `ru-RU`."""
    icon: Image | None = None
    """Its picture, if it has one."""
    notification_email: str | None = None
    """Where its notices come from, and where it is told of what concerns it."""
    support_email: str | None = None
    """Where clients ask for help: its own address for that, or else `notification_email`."""
    site_url: str | None = None
    """Its site."""
    billing_url: str | None = None
    """Where clients order and pay."""
    help_url: str | None = None
    """Where clients read how things are done."""
    registration: RegistrationRules = RegistrationRules()
    """Who may register itself, while `registration_open`."""
    previous_currencies: tuple[CurrencyCode, ...] = ()
    """What it sold in before, oldest first: personal accounts in these stay as they are."""
    evaluation: int = 0
    """How often it was asked that payers' companies be chosen anew."""
    archived: bool = False
    """Whether it has ceased to sell: it takes no client and no order any more."""

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


class ServiceConditionsReevaluated(
    ProviderState, Event, type="florin.providers.provider.conditions-reevaluated.v1"
):
    """Each payer's company is chosen anew, by today's conditions, for documents from now on."""


class ProviderChanged(ProviderState, Event, type="florin.providers.provider.changed.v1"):
    """A provider's own settings changed; its conditions and its currency did not."""


class ProviderCurrencyChanged(
    ProviderState, Event, type="florin.providers.provider.currency-changed.v1"
):
    """A provider sells in another currency from now on.

    Clients get new personal accounts in it as they need them; those in `previous_currency` stay.
    """

    previous_currency: CurrencyCode
    """What it sold in until now."""


class ProviderArchived(ProviderState, Event, type="florin.providers.provider.archived.v1"):
    """A provider has ceased to sell, for good; what was done in its name stays."""
