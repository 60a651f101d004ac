"""What routes hand to use cases beside the transaction: settings, and where a webhook may be."""

from typing import Annotated, cast

from fastapi import Depends, Request

from florin_chassis.outside.addresses import AddressRules
from florin_providers.settings import Settings


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.runtime.settings)


CurrentSettings = Annotated[Settings, Depends(_settings)]


async def _address_rules(settings: CurrentSettings) -> AddressRules:
    return settings.webhook_addresses


CurrentAddressRules = Annotated[AddressRules, Depends(_address_rules)]
