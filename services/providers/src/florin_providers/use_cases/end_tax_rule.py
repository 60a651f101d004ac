"""The day comes on which a tax rule applies no more."""

from datetime import date
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, TaxRule, require_alone


async def end_tax_rule(
    rule_id: UUID, valid_until: date | None, expected_version: int | None, begin: Begin
) -> TaxRule:
    """Raises `NotFound`, `VersionMismatch`, `TaxRulesOverlap` and what `TaxRule.end` raises."""
    async with begin() as transaction:
        rule = await transaction.get(TaxRule, rule_id)
        rule.expect(expected_version)
        await transaction.get(Company, rule.company_id)
        ended = rule.end(valid_until)
        await require_alone(transaction.session, rule)
        transaction.emit(*filter(None, [ended]))
    return rule
