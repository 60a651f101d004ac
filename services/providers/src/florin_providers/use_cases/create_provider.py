"""A new brand begins to sell."""

from florin_chassis.transaction import Begin
from florin_providers.models import Provider


async def create_provider(
    name: str, slug: str, currency: str, time_zone: str, begin: Begin
) -> Provider:
    """Raises `SlugTaken`."""
    provider = Provider(
        name=name,
        slug=slug,
        currency=currency,
        time_zone=time_zone,
        registration_open=True,
        employees_need_second_factor=False,
        conditions=(),
    )
    async with begin() as transaction:
        transaction.add(provider)
        transaction.emit(provider.create())
    return provider
