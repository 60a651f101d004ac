"""Finds the Java runtime that Kafka needs."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from florin_local.errors import ToolMissing

_OLDEST_SUPPORTED = 17


@cache
def find_java() -> Path:
    """The java of JAVA_HOME or else of the PATH. Raises ToolMissing below version 17."""
    for java in _candidates():
        if _version(java) >= _OLDEST_SUPPORTED:
            return java
    raise ToolMissing(
        f"no Java {_OLDEST_SUPPORTED} or later, which Kafka needs: on Debian and Ubuntu "
        "apt-get install openjdk-17-jre-headless, elsewhere install a JDK and set JAVA_HOME"
    )


def _candidates() -> list[Path]:
    home = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    in_home = [Path(home) / "bin" / "java"] if home else []
    return [*in_home, *([Path(on_path)] if on_path else [])]


def _version(java: Path) -> int:
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    # Java 8 and older call themselves 1.8, which is rightly too old here.
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match[1]) if match else 0
