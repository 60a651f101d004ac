"""A new brand begins to sell."""

from typing import Any

from florin_chassis.transaction import Begin
from florin_contracts.providers import RegistrationRules
from florin_providers.models import Provider


async def create_provider(
    name: str, slug: str, currency: str, time_zone: str, begin: Begin, **settings: Any
) -> Provider:
    """`settings` are further columns, by name. Raises `SlugTaken`."""
    defaults = {"locale": "en", "registration": RegistrationRules()}
    provider = Provider(
        name=name,
        slug=slug,
        currency=currency,
        time_zone=time_zone,
        registration_open=True,
        employees_need_second_factor=False,
        conditions=(),
        previous_currencies=(),
        evaluation=0,
        archived=False,
        **{**defaults, **settings},
    )
    async with begin() as transaction:
        transaction.add(provider)
        transaction.emit(provider.create())
    return provider
