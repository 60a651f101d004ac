"""Payers' companies are chosen anew, by today's conditions, for documents from now on."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Provider


async def reevaluate_conditions(
    provider_id: UUID, expected_version: int | None, begin: Begin
) -> Provider:
    """Raises `NotFound`, `VersionMismatch` and `ProviderIsArchived`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        transaction.emit(provider.reevaluate_conditions())
    return provider
