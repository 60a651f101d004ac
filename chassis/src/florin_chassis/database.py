"""The service's own database: one engine, and sessions that are bound to an actor's reach."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from florin_chassis.actor import Actor
from florin_chassis.driver import Connection
from florin_chassis.settings import ServiceSettings

STATEMENT_TIMEOUT_MS = 15_000
"""No statement of a request or a batch may take longer; PostgreSQL cancels it then."""

IDLE_S_MAX = 0.5
"""A connection that was used so lately is taken as it is; any other is asked first."""


class ActorSession(AsyncSession):
    """A session that knows its actor, and closes cheaply once it has committed."""

    async def __aexit__(self, *raised: Any) -> None:
        """Close: at once where nothing is open, which is so after a commit, else as inherited."""
        if self.in_transaction():
            await super().__aexit__(*raised)
        else:
            self.sync_session.close()  # it holds no connection, so there is nothing to await


class Database:
    """A pool of connections. A session taken from it sees only what its actor reaches."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.engine: AsyncEngine = create_async_engine(
            settings.database_url.get_secret_value(),
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={
                "connection_class": Connection,
                "timeout": 5,
                "server_settings": {
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                    "application_name": "florin",
                },
            },
        )
        event.listen(self.engine.sync_engine, "checkin", _note_use)
        event.listen(self.engine.sync_engine, "checkout", _require_alive)

    def session(self, actor: Actor) -> AsyncSession:
        """A new session for the actor. Objects stay readable after commit."""
        return ActorSession(self.engine, expire_on_commit=False, info={"actor": actor})

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def _note_use(_: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _require_alive(connection: Any, record: Any, _: Any) -> None:
    """Have the pool connect anew instead of handing out a connection that the server has ended.

    What `pool_pre_ping` does in three trips for every checkout: here the socket tells, and after
    a pause one trip.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has ended this connection")
    if time.monotonic() - record.info.get("used_at", time.monotonic()) > IDLE_S_MAX:
        try:
            connection.run_async(lambda driver: driver.fetchrow(";"))
        except Exception as error:
            raise DisconnectionError(repr(error)) from error


def sqlstate(error: BaseException) -> str:
    """The five-letter SQLSTATE of a database error, or an empty string."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def is_unreachable(error: BaseException) -> bool:
    """Whether the fault lies with the connection or the server, not with the statement."""
    if isinstance(error, InterfaceError | OperationalError | PoolExhausted | OSError):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or sqlstate(error)[:2] in {"08", "53", "57", "58"}
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same work may well succeed when it is tried again."""
    return is_unreachable(error) or sqlstate(error) in {"40001", "40P01", "55P03"}
