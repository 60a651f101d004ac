"""A gateway before four services that answer over real sockets; one pair for all tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from gateway.tests.world import Gateway, Services, running_gateway, running_services

Pair = tuple[Gateway, Services]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pair() -> AsyncIterator[Pair]:
    async with running_services() as services, running_gateway(services.url) as gate:
        yield gate, services


@pytest.fixture
def services(pair: Pair) -> Services:
    pair[1].reset()
    return pair[1]


@pytest.fixture
def gate(pair: Pair, services: Services) -> Gateway:  # noqa: ARG001 - reset before the test
    return pair[0]
