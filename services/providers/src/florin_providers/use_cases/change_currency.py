"""A provider sells in another currency from now on."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Provider


async def change_currency(
    provider_id: UUID, currency: str, expected_version: int | None, begin: Begin
) -> Provider:
    """Raises `NotFound`, `VersionMismatch` and `ProviderIsArchived`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        transaction.emit(*filter(None, [provider.change_currency(currency)]))
    return provider
