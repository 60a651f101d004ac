"""Real servers for tests: one PostgreSQL and one Kafka a session, started when first asked for."""

import base64
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from florin_chassis.migrations import migrate
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings
from florin_chassis.testing.tokens import ISSUER
from florin_local.kafka import Kafka
from florin_local.postgres import Postgres

SettingsFor = Callable[[Service], ServiceSettings]


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that the servers' unprivileged user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="florin-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[Postgres]:
    server = Postgres(server_folder / "postgres", 0, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka(server_folder: Path) -> Iterator[Kafka]:
    server = Kafka(server_folder / "kafka", 0)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def key_encryption_secret() -> Iterator[str]:
    """What identity seals its signing keys with, in the environment that its settings read."""
    secret = base64.b64encode(b"32 bytes of a secret for testing").decode()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FLORIN_KEY_ENCRYPTION_SECRET", secret)
        yield secret


@pytest.fixture(scope="session")
def settings_for(postgres: Postgres, key_encryption_secret: str) -> SettingsFor:  # noqa: ARG001
    """Settings of a service whose database exists and is migrated; no Kafka behind them."""
    made: dict[str, ServiceSettings] = {}

    def prepare(service: Service) -> ServiceSettings:
        if service.name not in made:
            settings = service.settings(
                database_url=SecretStr(postgres.create_service_database(service.name, "test")),
                kafka_bootstrap="127.0.0.1:1",
                jwks_url="http://127.0.0.1:1/jwks.json",
                token_issuer=ISSUER,
            )
            with ThreadPoolExecutor(1) as thread:  # Alembic runs a loop of its own
                thread.submit(migrate, service, settings).result()
            made[service.name] = settings
        return made[service.name]

    return prepare
