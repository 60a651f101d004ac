"""The identity service on a database of its own."""

from collections.abc import AsyncIterator

import pytest
from tests.plugins.servers import SettingsFor

from florin_chassis.testing.harness import Harness, harness
from florin_identity.service import service


@pytest.fixture
async def identity(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running
