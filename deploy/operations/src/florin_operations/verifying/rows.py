"""I8 as a database alone shows it: every aggregate's version is as many acts as the audit knows.

Aggregates of several kinds may have one id (a user, and what it may do): their versions add up.
Each page is one statement, and so one snapshot: row, event and audit row of a transaction are seen
together or not at all, however busy the system is.
"""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_operations.databases import connection_to
from florin_operations.options import Scope
from florin_operations.verifying.reading import Progress
from florin_operations.verifying.rules import Breach

_PAGE: Final = 5_000
_FIRST: Final = UUID(int=0)
_ERASED: Final = ".state.v1"
"""How the act of an erasure ends: its tombstone, after which an aggregate has no row any more."""

_TABLES = text(
    "SELECT c.relname AS name, quote_ident(c.relname) AS quoted FROM pg_class c"
    " JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id'"
    " AND i.atttypid = 'uuid'::regtype"
    " JOIN pg_attribute v ON v.attrelid = c.oid AND v.attname = 'version'"
    " AND v.atttypid = 'bigint'::regtype AND v.attnotnull"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    " AND NOT c.relispartition ORDER BY 1"
)
_VERSIONS = (
    "WITH page AS (SELECT id, sum(version) AS version, max(version) AS last,"
    " string_agg(kind, ' and ') AS kinds FROM ({rows}) aggregates"
    " WHERE id > :after GROUP BY id ORDER BY id LIMIT :page)"
    " SELECT id, version, page.last, kinds, acts.number, acts.last AS stated FROM page, LATERAL"
    " (SELECT count(*) AS number, coalesce(max(sequence), 0) AS last FROM audit"
    " WHERE subject = id) acts ORDER BY id"
)
_SUBJECTS = (
    "WITH page AS (SELECT DISTINCT subject FROM audit WHERE subject > :after ORDER BY subject"
    " LIMIT :page) SELECT subject, ({exists}) AS known, (SELECT act FROM audit WHERE"
    " audit.subject = page.subject ORDER BY sequence DESC LIMIT 1) AS last"
    " FROM page ORDER BY subject"
)


async def check_rows(scope: Scope, service: str, progress: Progress, most: int) -> list[Breach]:
    """Aggregates whose version and acts differ, and acts of aggregates that are not there."""
    zombies = Breach("I8", "row and audit differ (zombie record)")
    ghosts = Breach("I8", "acts of no row")
    async with connection_to(scope.installation, service) as connection:
        tables = (await connection.execute(_TABLES)).all()
        rows = " UNION ALL ".join(
            f"SELECT id, version, '{table.name}' AS kind FROM {table.quoted}"  # noqa: S608
            for table in tables
        )
        async for id_, version, last, kinds, number, stated in _rows(
            connection, _VERSIONS.format(rows=rows)
        ):
            progress.advance(f"rows of {service}", 1)
            if version != number or last != stated:
                told = f"{service}: {kinds} {id_} is of version {version}"
                _note(zombies, f"{told}, the audit has {number} acts up to {stated}", most)
        exists = " OR ".join(
            f"EXISTS (SELECT FROM {table.quoted} t WHERE t.id = page.subject)" for table in tables
        )
        async for subject, known, act in _rows(
            connection, _SUBJECTS.format(exists=exists or "false")
        ):
            if not known and not act.endswith(_ERASED):
                _note(ghosts, f"{service}: {subject}, last {act}", most)
    return [zombies, ghosts]


def _note(breach: Breach, example: str, most: int) -> None:
    breach.count += 1
    if len(breach.examples) < most:
        breach.examples.append(example)


async def _rows(connection: AsyncConnection, query: str) -> AsyncIterator[Any]:
    after = _FIRST
    while True:
        values = {"after": after, "page": _PAGE}
        rows = (await connection.execute(text(query), values)).all()
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]
