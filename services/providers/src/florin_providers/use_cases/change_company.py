"""What is known of a company changes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company


async def change_company(
    company_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> Company:
    """Raises `NotFound`, `VersionMismatch`, `CompanyIsArchived`, `SetAtSetup` and `Malformed`."""
    async with begin() as transaction:
        company = await transaction.get(Company, company_id)
        company.expect(expected_version)
        transaction.emit(*filter(None, [company.change(changes)]))
    return company
