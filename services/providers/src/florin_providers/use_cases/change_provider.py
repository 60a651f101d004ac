"""A provider is renamed, opened or closed for registrations, or asks more of its employees."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Provider


async def change_provider(
    provider_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> Provider:
    """Raises `NotFound` and `VersionMismatch`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        transaction.emit(*filter(None, [provider.change(changes)]))
    return provider
