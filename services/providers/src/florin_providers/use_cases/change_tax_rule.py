"""A tax rule says something else, before its first day."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, TaxRule, require_alone


async def change_tax_rule(
    rule_id: UUID, terms: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> TaxRule:
    """Raises `NotFound`, `VersionMismatch`, `TaxRulesOverlap` and what `TaxRule.change` raises."""
    async with begin() as transaction:
        rule = await transaction.get(TaxRule, rule_id)
        rule.expect(expected_version)
        await transaction.get(Company, rule.company_id)
        changed = rule.change(terms)
        await require_alone(transaction.session, rule)
        transaction.emit(*filter(None, [changed]))
    return rule
