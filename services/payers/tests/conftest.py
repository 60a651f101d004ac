"""The payers service on a database of its own, and a world of others' facts around it."""

from collections.abc import AsyncIterator

import pytest
from services.payers.tests.world import World
from tests.plugins.servers import SettingsFor

from florin_chassis.testing.harness import Harness, harness
from florin_payers.service import service


@pytest.fixture
async def payers(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
async def world(payers: Harness) -> World:
    """N-1 sells in RUB; a client of it is registered and has a payer."""
    made = World(payers)
    await made.provider_appears()
    await made.client_registers()
    await made.payer_is_created()
    return made
