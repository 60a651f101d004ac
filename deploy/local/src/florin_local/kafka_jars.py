"""Fetches the broker's jars once, through Maven, and keeps them."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from florin_local.errors import LocalStackError, ToolMissing
from florin_local.folders import FLORIN, KAFKA_POM

_COMPLETE = "complete"


def kafka_jars(pom: Path = KAFKA_POM, folder: Path = FLORIN / "kafka-libs") -> Path:
    """The folder with the jars of this pom; fetches them when the pom has changed."""
    version = hashlib.sha256(pom.read_bytes()).hexdigest()
    if _holds(folder, version):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        # Test runs start side by side; the second one finds the work done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _holds(folder, version):
            shutil.rmtree(folder, ignore_errors=True)
            _fetch(pom, folder)
            (folder / _COMPLETE).write_text(version)
    return folder


def _holds(folder: Path, version: str) -> bool:
    marker = folder / _COMPLETE
    return marker.exists() and marker.read_text() == version


def _fetch(pom: Path, folder: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise ToolMissing(
            "no Maven, which fetches Kafka: on Debian and Ubuntu apt-get install maven, "
            "elsewhere install it and put mvn on the PATH"
        )
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    answer = subprocess.run(
        [maven, "-q", "-B", "-f", pom, *goal], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise LocalStackError(f"Maven could not fetch Kafka:\n{answer.stdout[-2000:]}")
