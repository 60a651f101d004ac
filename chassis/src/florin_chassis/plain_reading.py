"""Reads tables past the ORM, where nobody's reach is meant: who asks is yet to be found out.

The tenant filter does not see these statements. Each is one trip, and costs a fraction of what an
ORM query does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Rows = Sequence[Row[Any]]


async def read_rows(
    session: AsyncSession, statement: Executable, values: Mapping[str, Any]
) -> Rows:
    """The rows, in the session's transaction."""
    return await session.run_sync(_read, statement, values)


async def read_rows_apart(
    session: AsyncSession, statement: Executable, values: Mapping[str, Any]
) -> Rows:
    """The rows, in no transaction: the session's own is rolled back, and holds no connection.

    For what is read before something takes so long that the connection is better given to others.
    """
    return await session.run_sync(_read_apart, statement, values)


def _read(session: Session, statement: Executable, values: Mapping[str, Any]) -> Rows:
    return session.connection().execute(statement, values).all()


def _read_apart(session: Session, statement: Executable, values: Mapping[str, Any]) -> Rows:
    session.rollback()
    with session.get_bind().engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection.execute(statement, values).all()
