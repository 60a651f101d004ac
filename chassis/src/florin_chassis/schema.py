"""Whether the database is as new as the code: a process that is ahead of it is not ready."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

CHASSIS_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_REVISION: Final = re.compile(r"(?P<history>[a-z]+)_(?P<number>\d{4})_\w+\.py")


class SchemaBehind(Exception):
    """The database lacks migrations that this code counts on."""


def newest_revisions(*folders: Path) -> dict[str, int]:
    """The highest number of each history, by the names of its migration files."""
    names = (_REVISION.fullmatch(path.name) for folder in folders for path in folder.iterdir())
    found = [(match["history"], int(match["number"])) for match in names if match]
    return {history: max(n for h, n in found if h == history) for history, _ in found}


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
