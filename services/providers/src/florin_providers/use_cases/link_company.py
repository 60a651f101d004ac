"""A company serves a provider, or is linked to it and rests; the provider's rules follow."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Company, Provider


async def link_company(
    company_id: UUID, provider_id: UUID, begin: Begin, *, suspended: bool
) -> Company:
    """The provider is locked first, as whenever its rules change, then the company.

    Raises `NotFound`, `ProviderIsArchived` and `CompanyIsArchived`.
    """
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.require_selling()
        company = await transaction.get(Company, company_id)
        linked = company.link(provider_id, suspended=suspended)
        rules = provider.rest(company_id, suspended=suspended)
        transaction.emit(*filter(None, [linked, rules]))
    return company
