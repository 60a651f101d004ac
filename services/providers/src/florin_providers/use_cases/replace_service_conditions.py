"""The rules of which company serves which payer are replaced as a whole."""

from uuid import UUID

from sqlalchemy import select

from florin_chassis.transaction import Begin
from florin_contracts.providers import ServiceCondition
from florin_providers.models import Company, Provider


async def replace_service_conditions(
    provider_id: UUID,
    conditions: tuple[ServiceCondition, ...],
    expected_version: int | None,
    begin: Begin,
) -> Provider:
    """Raises `NotFound`, `VersionMismatch` and `CompanyDoesNotServeProvider`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        named = {condition.company_id for condition in conditions}
        found = await transaction.session.scalars(
            select(Company)
            .where(Company.id.in_(named), Company.within("provider", frozenset({provider_id})))
            .order_by(Company.id)
            .with_for_update(read=True)
        )
        companies = {company.id: provider_id in company.provider_ids for company in found}
        serving = frozenset(id_ for id_, serves in companies.items() if serves)
        transaction.emit(
            provider.replace_conditions(conditions, serving, companies.keys() - serving)
        )
    return provider
