"""Whether the database is as new as the code: a process that is ahead of it is not ready."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

CHASSIS_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_REVISION: Final = re.compile(r"(?P<history>[a-z]+)_(?P<number>\d{4})_\w+\.py")
_DEPENDS: Final = re.compile(r'^depends_on = "(?P<history>[a-z]+)_(?P<number>\d{4})"', re.MULTILINE)


class SchemaBehind(Exception):
    """The database lacks migrations that this code counts on."""


def newest_revisions(*folders: Path) -> dict[str, int]:
    """The highest number of each history, by the names of its migration files.

    Without those whose newest another migration depends on: Alembic keeps no row of them, since
    the row of that other one's history says it of both.
    """
    paths = [path for folder in folders for path in folder.iterdir()]
    names = filter(None, (_REVISION.fullmatch(path.name) for path in paths))
    found = [(match["history"], int(match["number"])) for match in names]
    newest = {history: max(n for h, n in found if h == history) for history, _ in found}
    return {h: n for h, n in newest.items() if (h, n) not in set(_depended_on(paths))}


def _depended_on(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    for path in paths:
        if _REVISION.fullmatch(path.name) and (match := _DEPENDS.search(path.read_text())):
            yield match["history"], int(match["number"])


async def check_schema(engine: AsyncEngine, expected: dict[str, int]) -> None:
    """Raise `SchemaBehind` unless the database is at these revisions or past them.

    Past them is well: an older version of the service runs on until the new one has replaced it.
    """
    async with engine.connect() as connection:
        rows = await connection.scalars(text("SELECT version_num FROM alembic_version"))
        applied = dict(revision.rsplit("_", 1) for revision in rows)
    for history, number in expected.items():
        if int(applied.get(history, 0)) < number:
            raise SchemaBehind(f"{history} is at {applied.get(history)}, not at {number:04}")
