"""A provider ceases to sell, once nothing works for it and it sells nothing any more."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Provider, uses_of_provider


async def archive_provider(provider_id: UUID, expected_version: int | None, begin: Begin) -> None:
    """Raises `NotFound`, `VersionMismatch` and `ProviderInUse`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        uses = await uses_of_provider(transaction.session, provider_id)
        transaction.emit(*filter(None, [provider.archive(uses)]))
