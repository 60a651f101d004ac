"""The clients service on a database of its own, and the world around it."""

from collections.abc import AsyncIterator

import pytest
from services.clients.tests.world import World
from tests.plugins.servers import SettingsFor

from florin_chassis.testing.harness import Harness, harness
from florin_clients.service import service


@pytest.fixture
async def clients(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
async def world(clients: Harness) -> World:
    """What others have stated before the test: a provider, a product, a client and its payer."""
    world = World(clients)
    await clients.deliver(world.provider, world.product, world.registered, world.payer)
    return world
