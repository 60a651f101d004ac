"""Where things lie: the project's own folder, and short-lived ones that any account may enter."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
