"""What was read of databases and log, kept in a file that is gone with the command.

SQLite holds it, so that a log of any length is compared within bounded memory: what does not fit
its cache lies on the disk.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

_SCHEMA = """
    CREATE TABLE stated (service, event, topic, subject, sequence, position, stated_us, cause,
        settled, kept);
    CREATE TABLE logged (topic, partition, record, event, subject, sequence, type, fault);
    CREATE TABLE handled (reader, event, PRIMARY KEY (reader, event)) WITHOUT ROWID;
    CREATE TABLE parked (reader, topic, partition, record,
        PRIMARY KEY (reader, topic, partition, record)) WITHOUT ROWID;
    CREATE TABLE positions (reader, topic, partition, next);
    CREATE TABLE erased (service, event);
    CREATE TABLE audited (service, event, subject, sequence, judged);
"""
_INDEXES = """
    CREATE INDEX IF NOT EXISTS stated_event ON stated (event, topic);
    CREATE INDEX IF NOT EXISTS logged_event ON logged (event, topic);
    CREATE INDEX IF NOT EXISTS audited_event ON audited (event, service);
"""


class Evidence:
    """Rows that were read, and questions about them in SQL. UUIDs lie in it as 16 bytes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, table: str, rows: Iterable[Sequence[Any]]) -> int:
        """Keep rows, each with a value for every column; returns how many there were."""
        found = [tuple(map(_stored, row)) for row in rows]
        if found:
            marks = ", ".join("?" * len(found[0]))
            self._connection.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({marks})",  # noqa: S608 - our own names
                found,
            )
        return len(found)

    def index(self) -> None:
        """Make ready for questions, once the bulk has been read."""
        self._connection.executescript(_INDEXES)

    def count(self, query: str, *values: Any) -> int:
        """How many rows a question has for an answer."""
        counted = f"SELECT count(*) FROM ({query})"  # noqa: S608 - our own questions
        return int(self._connection.execute(counted, values).fetchone()[0])

    def ask(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The answer, row by row."""
        cursor = self._connection.execute(query, values)
        return (tuple(map(_shown, row)) for row in cursor)


@contextmanager
def evidence() -> Iterator[Evidence]:
    """An empty one, on a temporary disk file that no name leads to."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -65536")  # 64 MiB
        yield Evidence(connection)


def _stored(value: Any) -> Any:
    return value.bytes if isinstance(value, UUID) else value


def _shown(value: Any) -> Any:
    return UUID(bytes=value) if isinstance(value, bytes) else value
