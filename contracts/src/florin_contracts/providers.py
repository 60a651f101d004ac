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


class DepartmentState(Value):
    """A named group of employees; its rights are its sections' and its own permissions together."""

    id: UUID
    """The department."""
    name: str
    """What it is called."""
    sections: tuple[Open[Section], ...]
    """The parts of the control panel that it is given as a whole."""
    permissions: tuple[Open[Permission], ...]
    """Its own grants, beside its sections'."""
    external_id: str | None = None
    """What the company's own directory calls it, if that provisions departments (SCIM)."""
    removed: bool = False
    """Whether it is there no more: it gives no right, and nobody is in it."""


class DepartmentCreated(DepartmentState, Event, type="florin.providers.department.created.v1"):
    """A department was set up."""


class DepartmentChanged(DepartmentState, Event, type="florin.providers.department.changed.v1"):
    """A department was renamed, or its members may do other things."""


class DepartmentRemoved(DepartmentState, Event, type="florin.providers.department.removed.v1"):
    """A department is there no more; its members had left it before."""


class EmployeeStatus(StrEnum):
    """*invited* (has not signed up yet) → *active* ⇄ *suspended* → *ended*, for good."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class EmployeeState(Value):
    """A person who works for providers; `id` is also that of the login that identity keeps for it.

    `provider_ids` empty means every provider; `permissions` are its own grants beside its
    departments'. An administrator may do everything.
    """

    id: UUID
    """The employee, and the login that identity keeps for it."""
    name: str
    """What the employee is called."""
    email: str
    """The address that the employee signs in with."""
    status: Open[EmployeeStatus]
    administrator: bool
    """Whether everything is allowed."""
    provider_ids: tuple[UUID, ...]
    """The providers that it works for; empty means all."""
    department_ids: tuple[UUID, ...]
    """The departments whose rights it has."""
    permissions: tuple[Open[Permission], ...]
    """Its own grants, beside its departments'."""
    external_id: str | None = None
    """What the company's own directory calls it, if that provisions employees (SCIM)."""


class EmployeeInvited(EmployeeState, Event, type="florin.providers.employee.invited.v1"):
    """An employee was asked to join; identity makes the login, under the same id."""


class EmployeeJoined(EmployeeState, Event, type="florin.providers.employee.joined.v1"):
    """An employee set a password, and can sign in unless it is suspended meanwhile."""


class EmployeeChanged(EmployeeState, Event, type="florin.providers.employee.changed.v1"):
    """An employee has another name, address, departments, grants or providers.

    Also: it became an administrator, or ceased to be one.
    """


class EmployeeSuspended(EmployeeState, Event, type="florin.providers.employee.suspended.v1"):
    """An employee may do nothing for the time being."""


class EmployeeResumed(EmployeeState, Event, type="florin.providers.employee.resumed.v1"):
    """A suspended employee works again."""


class EmployeeEnded(EmployeeState, Event, type="florin.providers.employee.ended.v1"):
    """An employee left, for good."""


class BillingPeriod(StrEnum):
    """How long one price covers."""

    ONE_OFF = "one_off"
    MONTH = "month"
    YEAR = "year"


class PlanState(Value):
    """One way to buy a product: a period and its price, in the provider's currency."""

    id: UUID
    """The plan."""
    name: str
    """What it is called."""
    period: Open[BillingPeriod]
    price: Money
    """What one period costs, in the provider's currency."""


class ProductState(Value):
    """A thing that a provider sells, with its plans."""

    id: UUID
    """The product."""
    provider_id: UUID
    """Who sells it."""
    name: str
    """What it is called."""
    plans: tuple[PlanState, ...]
    """The ways to buy it."""


class ProductCreated(ProductState, Event, type="florin.providers.product.created.v1"):
    """A product entered the catalogue."""


class PlanAdded(ProductState, Event, type="florin.providers.product.plan-added.v1"):
    """A product got one more plan, `plan_id`."""

    plan_id: UUID
    """The plan that was added; also in `plans`."""


class WebhookStatus(StrEnum):
    """Whether events are delivered to a webhook."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


class WebhookDisabledReason(StrEnum):
    """Why nothing is delivered any more: somebody asked, it said 410, or it failed for days."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


class WebhookState(Value):
    """Who outside is told of events over HTTP. Neither its secret nor its path is stated."""

    id: UUID
    """The webhook."""
    provider_id: UUID | None
    """The provider whose events it is told of; none when of every provider's."""
    origin: str
    """Where it is: scheme, host and port. The path stays here, for it may hold a token."""
    description: str
    """What it is for, in its owner's words."""
    event_types: tuple[str, ...] | None
    """The types of events it is told of; none when of all."""
    status: Open[WebhookStatus]
    """Whether events are delivered to it."""


class WebhookCreated(WebhookState, Event, type="florin.providers.webhook.created.v1"):
    """Somebody outside is told of events from now on."""


class WebhookChanged(WebhookState, Event, type="florin.providers.webhook.changed.v1"):
    """A webhook's address, description, choice of events or notes were changed."""


class WebhookEnabled(WebhookState, Event, type="florin.providers.webhook.enabled.v1"):
    """Deliveries to a webhook that was disabled go on, with those that waited."""


class WebhookDisabled(WebhookState, Event, type="florin.providers.webhook.disabled.v1"):
    """Nothing is delivered to a webhook until it is enabled again."""

    reason: Open[WebhookDisabledReason]
    """Why."""


class WebhookSecretRotated(WebhookState, Event, type="florin.providers.webhook.secret-rotated.v1"):
    """A webhook got another secret to verify deliveries with."""


class WebhookDeleted(WebhookState, Event, type="florin.providers.webhook.deleted.v1"):
    """A webhook is told of nothing any more; its secrets and its log go."""
