"""`migrate` brings database and topics up to date; where Kafka refuses, neither is touched."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from chassis.tests.weather.service import service as weather
from pydantic import SecretStr
from sqlalchemy import text

from florin_chassis.cli import main
from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_chassis.settings import ServiceSettings
from florin_chassis.testing.tokens import ISSUER
from florin_chassis.topics import verify_topics
from florin_local.kafka import Kafka
from florin_local.postgres import Postgres

SERVICE = replace(weather, name="payers")
"""The weather's tables beside topics that are in the registry."""


@pytest.fixture
def settings(postgres: Postgres, kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """Of a database that nobody has migrated, told to the process in its environment."""
    url = postgres.create_service_database(f"fresh{new_id().hex[-8:]}", "test")
    told = {
        "database_url": url,
        "kafka_bootstrap": kafka.bootstrap,
        "topic_prefix": f"t{new_id().hex[-8:]}-",
        "jwks_url": "http://127.0.0.1:1/jwks.json",
        "token_issuer": ISSUER,
    }
    for name, value in told.items():
        monkeypatch.setenv(f"FLORIN_{name.upper()}", value)
    return ServiceSettings(**{**told, "database_url": SecretStr(url)})  # type: ignore[arg-type]


async def migrate() -> None:
    """In a thread: the command runs a loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        await asyncio.wrap_future(thread.submit(main, SERVICE, ["migrate"]))


async def tables(settings: ServiceSettings) -> int:
    database = Database(settings)
    try:
        async with database.engine.connect() as connection:
            query = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            return await connection.scalar(query) or 0
    finally:
        await database.close()


async def test_database_and_topics_are_there_afterwards_however_often_it_runs(
    settings: ServiceSettings,
) -> None:
    for _ in range(2):
        await migrate()
        assert await tables(settings) > 10
        assert await verify_topics(SERVICE.name, settings) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FLORIN_KAFKA_BOOTSTRAP", "127.0.0.1:1", "127.0.0.1:1"),
        ("FLORIN_TOPIC_REPLICAS", "3", "replication factor"),
    ],
)
async def test_without_its_topics_a_database_is_not_touched(
    settings: ServiceSettings,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit, match=said) as ended:
        await migrate()
    assert str(ended.value).startswith("migrate: "), "to standard error, with status 1"
    assert await tables(settings) == 0
    assert {d.setting for d in await verify_topics(SERVICE.name, settings)} == {"exists"}
