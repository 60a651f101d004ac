"""`migrate` brings database and topics up to date; where Kafka refuses, neither is touched."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from chassis.tests.weather.service import service as weather
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_chassis.cli import main
from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_chassis.service import Service
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


async def test_a_version_that_is_gone_back_to_leaves_what_a_later_one_migrated(
    settings: ServiceSettings,
) -> None:
    await migrate()
    database = Database(settings)
    later = "UPDATE alembic_version SET version_num = split_part(version_num, '_', 1) || '_9999'"
    async with database.engine.begin() as connection:
        await connection.execute(text(later))
    await migrate()
    async with database.engine.connect() as connection:
        kept = await connection.scalars(text("SELECT version_num FROM alembic_version"))
        assert all(revision.endswith("_9999") for revision in kept)
    await database.close()


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


NEXT = """
from alembic import op
import sqlalchemy as sa
from florin_chassis.migrations import online

revision, down_revision = "weather_{number}", "weather_{before}"
branch_labels = depends_on = None


def upgrade():
    {upgrade}
"""
WIDER = 'op.add_column("stations", sa.Column("height", sa.Integer(), server_default="0"))'
INDEXED = 'online.create_index("ix_stations_height", "stations", ["height"])'


@pytest.fixture
def later(tmp_path: Path) -> Service:
    """The weather's next version: it widens a table, then indexes it."""
    versions = tmp_path / "versions"
    copytree(weather.migrations / "versions", versions)
    for number, before, upgrade in (("0002", "0001", WIDER), ("0003", "0002", INDEXED)):
        migration = NEXT.format(number=number, before=before, upgrade=upgrade)
        (versions / f"weather_{number}_next.py").write_text(migration)
    return replace(SERVICE, migrations=tmp_path)


async def test_who_writes_a_table_never_waits_long_for_a_migration_that_waits_for_another(
    settings: ServiceSettings, later: Service
) -> None:
    """While somebody holds the table it gives way again and again, and then succeeds."""
    await migrate()
    database = Database(settings)
    try:
        async with database.engine.connect() as holding, database.engine.connect() as watching:
            await holding.execute(text("LOCK TABLE stations IN ROW EXCLUSIVE MODE"))
            with ThreadPoolExecutor(1) as thread:
                migrating = asyncio.wrap_future(thread.submit(main, later, ["migrate"]))
                for _ in range(2):
                    await waits_for_a_lock(watching)
                    async with asyncio.timeout(20), database.engine.begin() as writing:
                        await writing.execute(text("LOCK TABLE stations IN ROW EXCLUSIVE MODE"))
                assert not migrating.done()
                await holding.rollback()
                await migrating
            found = await watching.scalars(text("SELECT version_num FROM alembic_version"))
            assert "weather_0003" in set(found)
    finally:
        await database.close()


async def test_an_index_whose_building_was_broken_off_is_built_anew(
    settings: ServiceSettings, later: Service
) -> None:
    await migrate()
    database = Database(settings)
    index = "indexrelid = 'ix_stations_height'::regclass"
    valid = text(f"SELECT indisvalid FROM pg_index WHERE {index}")  # noqa: S608
    at = text("UPDATE alembic_version SET version_num = 'weather_0002' WHERE version_num ~ 'wea'")
    try:
        async with database.engine.connect() as plain, database.engine.connect() as holding:
            made = await plain.execution_options(isolation_level="AUTOCOMMIT")
            await made.execute(text("ALTER TABLE stations ADD height integer"))
            await made.execute(at)
            await holding.execute(text("LOCK TABLE stations IN ROW EXCLUSIVE MODE"))
            await made.execute(text("SET lock_timeout = 100"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                await made.execute(
                    text("CREATE INDEX CONCURRENTLY ix_stations_height ON stations (height)")
                )
            assert not await made.scalar(valid)
            await holding.rollback()
            with ThreadPoolExecutor(1) as thread:
                await asyncio.wrap_future(thread.submit(main, later, ["migrate"]))
            assert await made.scalar(valid)
    finally:
        await database.close()


async def waits_for_a_lock(connection: AsyncConnection) -> None:
    """Return when the migration stands in the queue before a table."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'florin migrate'"
        " AND wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(30):
        found = 0
        while not found:
            found = await connection.scalar(waiting) or 0
            await connection.rollback()  # a transaction that stands open is waited for itself
