"""Alembic's entry: one connection, a transaction for each migration, one migrating at a time."""

import asyncio
import time
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from florin_chassis.migrations import LOCK_TIMEOUT_MS
from florin_chassis.orm import ValueColumn
from florin_chassis.tables import chassis_metadata

_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('florin.migrate', 0))")
_PAUSE_S = 0.2
_TOLD = {"application_name": "florin migrate", "lock_timeout": str(LOCK_TIMEOUT_MS)}


def _render(kind: str, item: Any, autogenerating: AutogenContext) -> str | Literal[False]:
    """Migrations outlive the code: they name PostgreSQL's types, none of ours."""
    if kind == "type" and isinstance(item, ValueColumn):
        autogenerating.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return False


def _compared(name: str | None, kind: str, _: Any) -> bool:
    """Partitions of the outbox come and go with the days; no migration is about them.

    A service may index the states that it keeps of others by what it looks for in them.
    """
    untold = {"table": "outbox_", "index": "ix_projected_states_"}
    return not (kind in untold and (name or "").startswith(untold[kind]))


def _migrate(connection: Connection) -> None:
    attributes = context.config.attributes
    context.configure(
        connection=connection,
        target_metadata=[chassis_metadata, attributes["metadata"]],
        compare_server_default=False,
        transaction_per_migration=True,
        render_item=_render,
        include_name=_compared,
    )
    _wait_for_turn(connection)
    with context.begin_transaction():
        context.run_migrations()


def _wait_for_turn(connection: Connection) -> None:
    """Until nobody else migrates; held by the session, so that nobody begins between migrations.

    Asked for again and again: an index that is built while others write waits for every transaction
    that stands open, one that waited for this lock among them.
    """
    while not connection.scalar(_LOCK):
        connection.rollback()
        time.sleep(_PAUSE_S)
    connection.commit()


async def _run() -> None:
    engine = create_async_engine(
        context.config.attributes["url"],
        poolclass=pool.NullPool,
        connect_args={"server_settings": _TOLD},
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
