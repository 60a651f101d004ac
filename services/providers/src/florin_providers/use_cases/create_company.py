"""A legal entity is set up for the providers that it serves."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers import LegalStatus
from florin_providers.models import Company, Provider, need_all


async def create_company(
    name: str,
    country: str,
    legal_status: LegalStatus,
    tax_number: str | None,
    provider_ids: tuple[UUID, ...],
    begin: Begin,
) -> Company:
    """Raises `NotFound` for a provider."""
    company = Company(
        name=name,
        country=country,
        legal_status=legal_status,
        tax_number=tax_number,
        provider_ids=provider_ids,
    )
    async with begin() as transaction:
        await need_all(transaction.session, Provider, provider_ids)
        transaction.add(company)
        transaction.emit(company.create())
    return company
