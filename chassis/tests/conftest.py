"""The weather service, on a database of its own."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from chassis.tests.weather.service import not_yet, service
from tests.plugins.servers import SettingsFor

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness, harness


@pytest.fixture
async def weather(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    not_yet.clear()
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
def country() -> UUID:
    return new_id()
