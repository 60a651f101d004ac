"""A company's documents are numbered otherwise from now on."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.numbering import NumberingTemplate
from florin_providers.models import Company


async def number_documents(
    company_id: UUID,
    templates: tuple[NumberingTemplate, ...],
    prefix: str,
    expected_version: int | None,
    begin: Begin,
) -> Company:
    """Raises `NotFound`, `VersionMismatch`, `NumbersWouldRepeat` and `NumbersWouldCollide`."""
    async with begin() as transaction:
        company = await transaction.get(Company, company_id)
        company.expect(expected_version)
        transaction.emit(*filter(None, [company.number_by(templates, prefix)]))
    return company
