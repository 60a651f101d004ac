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
        serving = await transaction.session.scalars(
            select(Company.id)
            .where(Company.id.in_({condition.company_id for condition in conditions}))
            .where(Company.provider_ids.contains([provider_id]))
        )
        transaction.emit(provider.replace_conditions(conditions, frozenset(serving)))
    return provider
