"""What the routes of providers take and answer."""

from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.images import Image
from florin_contracts.money import CurrencyCode
from florin_contracts.party import CountryInBody
from florin_contracts.providers import RegistrationRules, ServiceCondition
from florin_providers.api.addresses import HttpsUrl, LocaleTag
from florin_providers.api.schemas import Changes, Slug, distinct
from florin_providers.api.time_zones import TimeZone

Countries = Annotated[tuple[CountryInBody, ...], Field(max_length=300), distinct]


class NewRegistrationRules(Body):
    """Who may register itself, and order then; a country is either allowed or refused."""

    countries_allowed: Countries = ()
    countries_refused: Countries = ()
    terms_url: HttpsUrl | None = None
    verified_email: bool = False

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.countries_allowed and self.countries_refused:
            raise ValueError("countries are allowed or refused, not both")
        return self

    def to_contract(self) -> RegistrationRules:
        """The rules as they are kept and stated."""
        return RegistrationRules(**self.model_dump())


class ProviderSettings(Body):
    """What is known of a provider beside its name and currency."""

    locale: LocaleTag = "en"
    notification_email: Email | None = None
    support_email: Email | None = None
    site_url: HttpsUrl | None = None
    billing_url: HttpsUrl | None = None
    help_url: HttpsUrl | None = None
    registration: NewRegistrationRules = NewRegistrationRules()


class NewProvider(ProviderSettings):
    """A provider to create."""

    name: Line
    slug: Slug
    currency: CurrencyCode
    time_zone: TimeZone

    def columns(self) -> dict[str, Any]:
        """By the names of the aggregate's columns."""
        return _named_by_columns(dict(self))


class ProviderChanges(Changes):
    """What to change of a provider. What is left out stays, null takes an address away."""

    name: Line | None = None
    time_zone: TimeZone | None = None
    registration_open: bool | None = None
    employees_need_second_factor: bool | None = None
    locale: LocaleTag | None = None
    notification_email: Email | None = None
    support_email: Email | None = None
    site_url: HttpsUrl | None = None
    billing_url: HttpsUrl | None = None
    help_url: HttpsUrl | None = None
    registration: NewRegistrationRules | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        kept = {n: value for n, value in sent.items() if value is not None or n in _CLEARED}
        return _named_by_columns(kept)


_CLEARED: Final = {"notification_email", "support_email", "site_url", "billing_url", "help_url"}


def _named_by_columns(sent: dict[str, Any]) -> dict[str, Any]:
    """`support_email` outside is what falls back; a provider's own is kept under its own name."""
    named = {("own_support_email" if n == "support_email" else n): v for n, v in sent.items()}
    if isinstance(rules := named.get("registration"), NewRegistrationRules):
        named["registration"] = rules.to_contract()
    return named


class NewCurrency(Body):
    """The currency to sell in from now on."""

    currency: CurrencyCode


class ProviderAnswer(Resource):
    """A provider; `support_email` is its own one for that, or else `notification_email`."""

    name: str
    slug: str
    currency: str
    time_zone: str
    registration_open: bool
    employees_need_second_factor: bool
    conditions: tuple[ServiceCondition, ...]
    locale: str
    icon: Image | None
    notification_email: str | None
    support_email: str | None
    site_url: str | None
    billing_url: str | None
    help_url: str | None
    registration: RegistrationRules
    previous_currencies: tuple[str, ...]
    evaluation: int
    archived: bool
