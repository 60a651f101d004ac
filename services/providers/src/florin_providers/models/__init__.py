"""Tables, rules and refusals of the providers service."""

from florin_providers.models.base import Base
from florin_providers.models.company import Company
from florin_providers.models.company_choice import CompanyChoice, RuleTried, choose_company
from florin_providers.models.department import Department
from florin_providers.models.employee import EmailTaken, Employee
from florin_providers.models.product import PLANS_MAX, ForeignCurrency, Product, TooManyPlans
from florin_providers.models.provider import CompanyDoesNotServeProvider, Provider, SlugTaken
from florin_providers.models.references import need_all
from florin_providers.models.rights import GrantsMoreThanHeld
from florin_providers.models.webhook import TooManyWebhooks, Webhook, WebhookNotEnabled
from florin_providers.models.webhook_address import AddressRules
from florin_providers.models.webhook_delivery import (
    AttemptOutcome,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    WebhookHealth,
    WebhookLane,
    WebhookMessage,
)
from florin_providers.models.webhook_finding import need_webhook
from florin_providers.models.webhook_secret import TooManySecrets, WebhookSecret

__all__ = [
    "PLANS_MAX",
    "AddressRules",
    "AttemptOutcome",
    "Base",
    "Company",
    "CompanyChoice",
    "CompanyDoesNotServeProvider",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryStatus",
    "Department",
    "EmailTaken",
    "Employee",
    "ForeignCurrency",
    "GrantsMoreThanHeld",
    "Product",
    "Provider",
    "RuleTried",
    "SlugTaken",
    "TooManyPlans",
    "TooManySecrets",
    "TooManyWebhooks",
    "Webhook",
    "WebhookHealth",
    "WebhookLane",
    "WebhookMessage",
    "WebhookNotEnabled",
    "WebhookSecret",
    "choose_company",
    "need_all",
    "need_webhook",
]
