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

__all__ = [
    "PLANS_MAX",
    "Base",
    "Company",
    "CompanyChoice",
    "CompanyDoesNotServeProvider",
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
    "choose_company",
    "need_all",
]
