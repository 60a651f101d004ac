"""Where things lie: the project's own folder, and short-lived ones that any account may enter."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from florin_local.errors import LocalStackError

PROJECT = Path(__file__).resolve().parents[4]
FLORIN = PROJECT / ".florin"
KAFKA_POM = PROJECT / "deploy" / "local" / "kafka" / "pom.xml"


@contextmanager
def temporary_folder(prefix: str = "florin-") -> Iterator[Path]:
    """A folder for a server of a test, removed afterwards.

    Unlike pytest's own, an unprivileged PostgreSQL may pass through it when root runs the tests.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold a folder for one command at a time; raises LocalStackError when another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalStackError(f"another command is at work in {folder}: let it end") from error
        yield
