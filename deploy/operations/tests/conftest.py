"""The services' real databases and topics of one test, filled by hand, and the command line."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog
from deploy.operations.tests.world import Answer, World, florin
from tests.plugins.servers import SettingsFor

from florin_chassis.tables import chassis_metadata
from florin_clients.service import service as clients
from florin_identity.service import service as identity
from florin_local.kafka import Kafka
from florin_payers.service import service as payers
from florin_providers.service import service as providers

Florin = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _logs_again() -> Iterator[None]:
    """The command line silences its process, which here is that of all other tests, too."""
    yield
    logging.disable(logging.NOTSET)
    structlog.reset_defaults()


@pytest.fixture
def world(settings_for: SettingsFor, kafka: Kafka) -> Iterator[World]:
    """Identity, whose events clients reads, and two more; nothing has happened yet."""
    urls = {
        service.name: settings_for(service).database_url.get_secret_value()
        for service in (identity, providers, clients, payers)
    }
    made = World(urls, kafka.bootstrap)
    asyncio.run(made.create_topics())
    try:
        yield made
    finally:
        tables = ", ".join(f'"{name}"' for name in chassis_metadata.tables)
        for service in urls:
            with made.connected(service) as connection:
                connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())
                connection.execute("DROP TABLE IF EXISTS things")


@pytest.fixture
def run(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Florin:
    """Runs a command on the world, as a person would: `run("lag", "--service", "clients")`."""
    monkeypatch.setattr("sys.stdin", StringIO())  # nobody is there to answer a question
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)

    def run_one(*arguments: str) -> Answer:
        return florin(capsys, *arguments)

    return run_one
