"""The identity service on a database of its own."""

import base64
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.plugins.servers import SettingsFor

from florin_chassis.testing.harness import Harness, harness
from florin_identity.service import service

SECRET = base64.b64encode(b"32 bytes of a secret for testing").decode()


@pytest.fixture(scope="session", autouse=True)
def key_encryption_secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FLORIN_KEY_ENCRYPTION_SECRET", SECRET)
        yield


@pytest.fixture
async def identity(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running
