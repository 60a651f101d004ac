"""The providers service on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from services.providers.tests.receiver import Receiver, receiving
from services.providers.tests.telling import LOCAL
from tests.plugins.servers import SettingsFor

from florin_chassis.testing.harness import Harness, harness
from florin_providers.service import service


@pytest.fixture
async def providers(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
async def telling(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    """The same, allowed to tell receivers on this machine."""
    settings = settings_for(service).model_copy(update=LOCAL)
    async with harness(service, settings) as running:
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running
