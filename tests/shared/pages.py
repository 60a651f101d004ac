"""Pages of documentation whose commands are run: what to type, and what that prints.

A block marked `sh` is typed into one shell, block after block; a block marked `text` after it says
lines that are printed, in this order, perhaps among others.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from florin_local.folders import PROJECT

_BLOCK: Final = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TIMEOUT_S: Final = 600


@dataclass(frozen=True)
class Page:
    """The script that a page is, and the lines that it prints, in their order."""

    script: str
    lines: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The page at this path."""
        blocks = _BLOCK.findall(path.read_text("utf-8"))
        typed = [text for kind, text in blocks if kind == "sh"]
        told = [line for kind, text in blocks if kind == "text" for line in text.splitlines()]
        return cls("set -euo pipefail\n" + "\n".join(typed), tuple(told))

    def run(self, environment: Mapping[str, str]) -> str:
        """Type it all into one shell in the project's folder; raises if a command fails.

        What is printed comes back, to standard output and to standard error.
        """
        ran = subprocess.run(
            ["bash", "-c", self.script],  # noqa: S607 - the one on the reader's path
            cwd=PROJECT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
        return ran.stdout


def unprinted(page: Page, output: str) -> list[str]:
    """The lines that the page tells and that do not come in this order."""
    printed = iter(output.splitlines())
    return [line for line in page.lines if line not in printed]
