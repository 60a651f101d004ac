"""Asks several things at the same moment, so that each meets what the one before it has done."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from httpx import Response
from services.providers.tests.receiver import until
from sqlalchemy import text

from florin_chassis.testing.harness import Harness

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
Ask = Callable[[], Awaitable[Response]]


async def one_behind_the_other(
    providers: Harness, table: str, id_: str, *asks: Ask
) -> list[Response]:
    """All wait for one row, in this order, before the first of them goes on.

    Each is in a transaction of its own by then, and PostgreSQL lets those who wait on in turn.
    """
    engine = providers.runtime.database.engine
    held = text(f"SELECT FROM {table} WHERE id = :id FOR UPDATE")
    tasks: list[asyncio.Task[Response]] = []
    async with engine.connect() as connection:
        watching = await connection.execution_options(isolation_level="AUTOCOMMIT")

        async def all_wait() -> bool:
            return bool(await watching.scalar(WAITING) == len(tasks))

        async with engine.begin() as holding:
            await holding.execute(held, {"id": UUID(id_)})
            for ask in asks:
                tasks.append(asyncio.ensure_future(ask()))
                await until(all_wait)
        return list(await asyncio.gather(*tasks))
