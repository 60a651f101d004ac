"""Runs Alembic over two histories in one database: the chassis' tables, and the service's own.

The version before goes on writing meanwhile. A migration that needs a lock waits for it half a
second at most, since whoever comes after it waits with it; then it gives way, and tries again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from florin_chassis.database import sqlstate
from florin_chassis.road.partitions import make_partitions
from florin_chassis.schema import (
    CHASSIS_VERSIONS,
    SchemaBehind,
    check_schema,
    newest_revisions,
)
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings

HERE = Path(__file__).parent
LOCK_TIMEOUT_MS: Final = 500
_PAUSE_S: Final = 1.0
_TRIES: Final = 60
_LOCK_NOT_AVAILABLE: Final = "55P03"
_NO_SUCH_TABLE: Final = "42P01"
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class TableInUse(Exception):
    """A transaction has held a table for so long that no migration could change it."""


def alembic_config(service: Service, settings: ServiceSettings) -> Config:
    """Alembic's configuration of a service; no ini file, nothing to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option(
        "version_locations", f"{HERE / 'versions'}\n{service.migrations / 'versions'}"
    )
    config.attributes["metadata"] = service.metadata
    config.attributes["url"] = settings.database_url.get_secret_value()
    return config


def migrate(service: Service, settings: ServiceSettings) -> None:
    """Bring the database up to date. Of several replicas one does it, the others wait.

    One that a later version has migrated is left as it is: whoever goes back to this version runs
    on it, and knows none of its migrations. Each is a transaction of its own. Raises `TableInUse`;
    what is migrated then stays.
    """
    newest = newest_revisions(CHASSIS_VERSIONS, service.migrations / "versions")
    if not asyncio.run(_with_engine(settings, lambda engine: _has_all(engine, newest))):
        _upgrade(alembic_config(service, settings))
    asyncio.run(_with_engine(settings, make_partitions))


def _upgrade(config: Config) -> None:
    for _ in range(_TRIES):
        try:
            command.upgrade(config, "heads")
            return
        except DBAPIError as error:
            if sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            _log.warning("a table is in use: gives way, and tries again", pause_s=_PAUSE_S)
        time.sleep(_PAUSE_S)
    raise TableInUse("a transaction has held a table for too long: see pg_stat_activity")


async def _has_all(engine: AsyncEngine, newest: dict[str, int]) -> bool:
    try:
        await check_schema(engine, newest)
    except SchemaBehind:
        return False
    except DBAPIError as error:
        if sqlstate(error) != _NO_SUCH_TABLE:
            raise
        return False
    return True


async def _with_engine(settings: ServiceSettings, act: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    engine = create_async_engine(settings.database_url.get_secret_value(), poolclass=NullPool)
    try:
        return await act(engine)
    finally:
        await engine.dispose()


def revise(service: Service, settings: ServiceSettings, title: str) -> None:
    """Write the service's next migration: what its tables in code have and the database lacks."""
    config = alembic_config(service, settings)
    versions = service.migrations / "versions"
    number = newest_revisions(versions).get(service.name, 0) + 1
    command.revision(
        config,
        title,
        autogenerate=True,
        head=f"{service.name}@head" if number > 1 else "base",
        branch_label=service.name if number == 1 else None,
        version_path=str(versions),
        rev_id=f"{service.name}_{number:04}",
    )


def check(service: Service, settings: ServiceSettings) -> None:
    """Raise when the tables in code and the migrations differ."""
    command.check(alembic_config(service, settings))
