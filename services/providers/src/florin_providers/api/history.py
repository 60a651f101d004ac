"""`/history`, and below every aggregate of providers its own."""

from florin_chassis.http.remembering import Remembered, history_router
from florin_contracts.permissions import Permission
from florin_providers.models import (
    Company,
    Department,
    Employee,
    Product,
    ProductType,
    Provider,
    TaxRule,
    Webhook,
)
from florin_providers.queries.name_actors import name_actors

REMEMBERED = (
    Remembered(Provider, "/providers/{provider_id}", Permission.PROVIDERS_READ),
    Remembered(Company, "/companies/{company_id}", Permission.COMPANIES_READ),
    Remembered(Department, "/departments/{department_id}", Permission.STAFF_READ),
    Remembered(Employee, "/employees/{employee_id}", Permission.STAFF_READ),
    Remembered(Product, "/products/{product_id}", Permission.CATALOGUE_READ),
    Remembered(ProductType, "/product-types/{type_id}", Permission.CATALOGUE_READ),
    Remembered(TaxRule, "/tax-rules/{tax_rule_id}", Permission.TAXES_READ),
    Remembered(Webhook, "/webhooks/{webhook_id}", Permission.WEBHOOKS_READ),
)

router = history_router("providers", REMEMBERED, Permission.HISTORY_READ, name_actors)
