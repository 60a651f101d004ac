"""A company charges a tax."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, TaxRule, require_alone, require_room


async def create_tax_rule(company_id: UUID, terms: Mapping[str, Any], begin: Begin) -> TaxRule:
    """Raises `NotFound` and `CompanyIsArchived`, `TaxRulesOverlap` and `TooManyTaxRules`."""
    rule = TaxRule.new(company_id, terms)
    async with begin() as transaction:
        company = await transaction.get(Company, company_id)
        company.require_issuing()
        await require_room(transaction.session, rule)
        await require_alone(transaction.session, rule)
        transaction.add(rule)
        transaction.emit(rule.create())
    return rule
