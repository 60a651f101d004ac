"""A gateway before four services that answer over real sockets."""

from collections.abc import AsyncIterator

import pytest
from gateway.tests.world import Gateway, Services, running_gateway, running_services


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    async with running_services() as running:
        yield running


@pytest.fixture
async def gate(services: Services) -> AsyncIterator[Gateway]:
    async with running_gateway(services.url) as running:
        yield running
