"""A provider shows another icon, or none any more."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import Picture, Provider, Purpose, replace_picture


async def show_provider_icon(
    provider_id: UUID, picture: Picture | None, expected_version: int | None, begin: Begin
) -> Provider:
    """Raises `NotFound`, `VersionMismatch` and `ProviderIsArchived`."""
    async with begin() as transaction:
        provider = await transaction.get(Provider, provider_id)
        provider.expect(expected_version)
        icon = picture.as_image(f"/providers/{provider_id}/icon") if picture else None
        await replace_picture(transaction.session, provider_id, Purpose.ICON, picture)
        transaction.emit(*filter(None, [provider.change({"icon": icon})]))
    return provider
