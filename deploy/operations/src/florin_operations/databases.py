"""Connections to the services' databases, and what their refusals mean to a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from florin_chassis.database import is_unreachable, sqlstate
from florin_operations.errors import OperationsError, Unreachable
from florin_operations.settings import Installation

_CONNECT_S_MAX = 5
_STATEMENT_MS_MAX = 60_000
_NOT_MIGRATED = {"42P01", "42703"}
_NOT_ALLOWED = {"42501"}


@asynccontextmanager
async def engine_of(installation: Installation, service: str) -> AsyncIterator[AsyncEngine]:
    """An engine on one service's database; its faults inside the block become `Unreachable`."""
    engine = create_async_engine(
        installation.database_url(service),
        poolclass=NullPool,
        connect_args={
            "timeout": _CONNECT_S_MAX,
            "server_settings": {
                "application_name": "florin operations",
                "statement_timeout": str(_STATEMENT_MS_MAX),
            },
        },
    )
    try:
        yield engine
    except (asyncpg.PostgresError, SQLAlchemyError, OSError) as error:
        raise _explained(service, error) from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def connection_to(installation: Installation, service: str) -> AsyncIterator[AsyncConnection]:
    """A connection in autocommit: every statement sees what is committed by then."""
    async with engine_of(installation, service) as engine, engine.connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")


def _explained(service: str, error: Exception) -> OperationsError:
    state = sqlstate(error) or getattr(error, "sqlstate", None) or ""
    reason = _first_line(error)
    if state in _NOT_MIGRATED:
        return Unreachable(f"{service}'s database is of another release: migrate it ({reason})")
    if state in _NOT_ALLOWED:
        return Unreachable(f"{service}'s database refuses this role: {reason}")
    if is_unreachable(error) or isinstance(error, asyncpg.PostgresError):
        return Unreachable(f"{service}'s database does not answer: {reason}")
    return Unreachable(f"{service}'s database: {reason}")


def _first_line(error: Exception) -> str:
    """What the server said, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).splitlines() or [""])[0] or type(cause).__name__
