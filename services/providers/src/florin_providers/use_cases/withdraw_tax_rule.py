"""A tax rule is taken back before its first day."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import TaxRule


async def withdraw_tax_rule(rule_id: UUID, expected_version: int | None, begin: Begin) -> None:
    """Raises `NotFound`, `VersionMismatch` and what `TaxRule.withdraw` raises."""
    async with begin() as transaction:
        rule = await transaction.get(TaxRule, rule_id)
        rule.expect(expected_version)
        transaction.emit(rule.withdraw())
