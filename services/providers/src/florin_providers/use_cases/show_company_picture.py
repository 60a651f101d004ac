"""A company has another logo or stamp on its documents, or none any more."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, Picture, Purpose, replace_picture


async def show_company_picture(
    company_id: UUID,
    purpose: Purpose,
    picture: Picture | None,
    expected_version: int | None,
    begin: Begin,
) -> Company:
    """Raises `NotFound`, `VersionMismatch` and `CompanyIsArchived`."""
    async with begin() as transaction:
        company = await transaction.get(Company, company_id)
        company.expect(expected_version)
        image = picture.as_image(f"/companies/{company_id}/pictures/{purpose}") if picture else None
        shown = company.show(purpose, image)
        await replace_picture(transaction.session, company_id, purpose, picture)
        transaction.emit(*filter(None, [shown]))
    return company
