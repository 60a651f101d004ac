"""A company issues no more documents, once it is linked to no provider."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company


async def archive_company(company_id: UUID, expected_version: int | None, begin: Begin) -> None:
    """Raises `NotFound`, `VersionMismatch` and `CompanyInUse`."""
    async with begin() as transaction:
        company = await transaction.get(Company, company_id)
        company.expect(expected_version)
        transaction.emit(*filter(None, [company.archive()]))
