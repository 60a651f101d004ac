"""Tables, rules and refusals of the providers service."""

from florin_providers.models.base import Base
from florin_providers.models.company import Company
from florin_providers.models.company_choice import CompanyChoice, RuleTried, choose_company
from florin_providers.models.department import Department, Membership
from florin_providers.models.directory import DirectoryGroup, DirectoryPerson, PersonName
from florin_providers.models.employee import EmailTaken, Employee, UserNameTaken
from florin_providers.models.membership_finding import members_of, membership_of
from florin_providers.models.product import PLANS_MAX, ForeignCurrency, Product, TooManyPlans
from florin_providers.models.provider import CompanyDoesNotServeProvider, Provider, SlugTaken
from florin_providers.models.references import need_all, need_departments
from florin_providers.models.rights import GrantsMoreThanHeld
from florin_providers.models.staff_refusals import NotAMember, TooManyMembers
from florin_providers.models.standing import Standing
from florin_providers.models.standing_finding import standing_of
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
    "DirectoryGroup",
    "DirectoryPerson",
    "EmailTaken",
    "Employee",
    "ForeignCurrency",
    "GrantsMoreThanHeld",
    "Membership",
    "NotAMember",
    "PersonName",
    "Product",
    "Provider",
    "RuleTried",
    "SlugTaken",
    "Standing",
    "TooManyMembers",
    "TooManyPlans",
    "TooManySecrets",
    "TooManyWebhooks",
    "UserNameTaken",
    "Webhook",
    "WebhookHealth",
    "WebhookLane",
    "WebhookMessage",
    "WebhookNotEnabled",
    "WebhookSecret",
    "choose_company",
    "members_of",
    "membership_of",
    "need_all",
    "need_departments",
    "need_webhook",
    "standing_of",
]
