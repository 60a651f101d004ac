"""Tables, rules and refusals of the providers service."""

from florin_providers.models.base import Base
from florin_providers.models.catalogue_finding import need_import, need_type, product_of_plan
from florin_providers.models.catalogue_import import CatalogueImport, ImportLine, ImportStatus
from florin_providers.models.company import Company
from florin_providers.models.company_choice import CompanyChoice, RuleTried, choose_company
from florin_providers.models.condition_warnings import ConditionWarnings, warnings_of
from florin_providers.models.default_departments import default_departments
from florin_providers.models.department import Department, Membership
from florin_providers.models.directory import DirectoryGroup, DirectoryPerson, PersonName
from florin_providers.models.employee import EmailTaken, Employee, UserNameTaken
from florin_providers.models.import_text import ImportFormat
from florin_providers.models.login_finding import RefusedBecause, refused_among, require_free
from florin_providers.models.membership_finding import members_of, membership_of
from florin_providers.models.picture import Picture, Purpose, StoredPicture, replace_picture
from florin_providers.models.plan import Plan, Price
from florin_providers.models.pricing import (
    PRICES_MAX,
    PriceFromThePast,
    PricePeriodsOverlap,
    TooManyPrices,
    priced,
)
from florin_providers.models.product import (
    PLANS_MAX,
    CodeTaken,
    ForeignCurrency,
    Product,
    TooManyPlans,
)
from florin_providers.models.product_type import ProductType, TypeArchived, TypeCodeTaken
from florin_providers.models.provider import CompanyDoesNotServeProvider, Provider, SlugTaken
from florin_providers.models.provider_uses import uses_of_provider
from florin_providers.models.references import need_departments, need_providers
from florin_providers.models.rights import GrantsMoreThanHeld
from florin_providers.models.staff_refusals import NotAMember, TooManyMembers
from florin_providers.models.standing import Standing
from florin_providers.models.standing_finding import standing_of
from florin_providers.models.tax_rule import (
    TAX_RULES_MAX,
    TaxRule,
    TaxRulesOverlap,
    TooManyTaxRules,
)
from florin_providers.models.tax_rule_finding import in_force, require_alone, require_room
from florin_providers.models.webhook import TooManyWebhooks, Webhook, WebhookNotEnabled
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
    "PRICES_MAX",
    "TAX_RULES_MAX",
    "AttemptOutcome",
    "Base",
    "CatalogueImport",
    "CodeTaken",
    "Company",
    "CompanyChoice",
    "CompanyDoesNotServeProvider",
    "ConditionWarnings",
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
    "ImportFormat",
    "ImportLine",
    "ImportStatus",
    "Membership",
    "NotAMember",
    "PersonName",
    "Picture",
    "Plan",
    "Price",
    "PriceFromThePast",
    "PricePeriodsOverlap",
    "Product",
    "ProductType",
    "Provider",
    "Purpose",
    "RefusedBecause",
    "RuleTried",
    "SlugTaken",
    "Standing",
    "StoredPicture",
    "TaxRule",
    "TaxRulesOverlap",
    "TooManyMembers",
    "TooManyPlans",
    "TooManyPrices",
    "TooManySecrets",
    "TooManyTaxRules",
    "TooManyWebhooks",
    "TypeArchived",
    "TypeCodeTaken",
    "UserNameTaken",
    "Webhook",
    "WebhookHealth",
    "WebhookLane",
    "WebhookMessage",
    "WebhookNotEnabled",
    "WebhookSecret",
    "choose_company",
    "default_departments",
    "in_force",
    "members_of",
    "membership_of",
    "need_departments",
    "need_import",
    "need_providers",
    "need_type",
    "need_webhook",
    "priced",
    "product_of_plan",
    "refused_among",
    "replace_picture",
    "require_alone",
    "require_free",
    "require_room",
    "standing_of",
    "uses_of_provider",
    "warnings_of",
]
