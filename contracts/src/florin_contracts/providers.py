"""What providers states: who sells, as which legal entity, with which people, at what price."""

from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.money import CurrencyCode, Money
from florin_contracts.party import Country, PayerType
from florin_contracts.permissions import Permission, Section
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ServiceCondition(Value):
    """One rule of which company serves a payer; `None` in a field matches any."""

    company_id: UUID
    country: Country | None = None
    except_country: Country | None = None
    payer_type: Open[PayerType] | None = None

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
    name: str
    slug: str
    currency: CurrencyCode
    time_zone: str
    registration_open: bool
    conditions: tuple[ServiceCondition, ...]

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


class LegalStatus(StrEnum):
    """What a company is before the law."""

    LEGAL_ENTITY = "legal_entity"
    SOLE_TRADER = "sole_trader"


class CompanyState(Value):
    """A legal entity to which accounting documents are linked; serves one or more providers."""

    id: UUID
    name: str
    country: Country
    legal_status: Open[LegalStatus]
    tax_number: str | None
    provider_ids: tuple[UUID, ...]


class CompanyCreated(CompanyState, Event, type="florin.providers.company.created.v1"):
    """A company was set up for its providers."""


class DepartmentState(Value):
    """A named group of employees; its rights are its sections' and its own permissions together."""

    id: UUID
    name: str
    sections: tuple[Open[Section], ...]
    permissions: tuple[Open[Permission], ...]


class DepartmentCreated(DepartmentState, Event, type="florin.providers.department.created.v1"):
    """A department was set up."""


class EmployeeStatus(StrEnum):
    """Whether an employee works: *invited* has not signed up yet."""

    INVITED = "invited"
    ACTIVE = "active"


class EmployeeState(Value):
    """A person who works for providers; `id` is also that of the login that identity keeps for it.

    `provider_ids` empty means every provider; `permissions` are its own grants beside its
    departments'. An administrator may do everything.
    """

    id: UUID
    name: str
    email: str
    status: Open[EmployeeStatus]
    administrator: bool
    provider_ids: tuple[UUID, ...]
    department_ids: tuple[UUID, ...]
    permissions: tuple[Open[Permission], ...]


class EmployeeInvited(EmployeeState, Event, type="florin.providers.employee.invited.v1"):
    """An employee was asked to join; identity makes the login, under the same id."""


class EmployeeJoined(EmployeeState, Event, type="florin.providers.employee.joined.v1"):
    """An employee can sign in; also how the first administrator becomes one, at installation."""


class BillingPeriod(StrEnum):
    """How long one price covers."""

    ONE_OFF = "one_off"
    MONTH = "month"
    YEAR = "year"


class PlanState(Value):
    """One way to buy a product: a period and its price, in the provider's currency."""

    id: UUID
    name: str
    period: Open[BillingPeriod]
    price: Money


class ProductState(Value):
    """A thing that a provider sells, with its plans."""

    id: UUID
    provider_id: UUID
    name: str
    plans: tuple[PlanState, ...]


class ProductCreated(ProductState, Event, type="florin.providers.product.created.v1"):
    """A product entered the catalogue."""


class PlanAdded(ProductState, Event, type="florin.providers.product.plan-added.v1"):
    """A product got one more plan, `plan_id`."""

    plan_id: UUID
