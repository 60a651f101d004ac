"""A company serves a provider no more, once no rule names it."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, Provider


async def unlink_company(company_id: UUID, provider_id: UUID, begin: Begin) -> None:
    """Raises `NotFound` and `CompanyInUse`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        company = await transaction.get(Company, company_id)
        named = any(condition.company_id == company_id for condition in provider.conditions)
        uses = {"providers": (provider_id,)} if named else {}
        transaction.emit(*filter(None, [company.unlink(provider_id, uses)]))
