"""How far a long command is: a bar on a terminal, a line in the log now and then elsewhere."""

import sys
from typing import Final, TextIO

import structlog

_WIDTH: Final = 30
_log = structlog.get_logger(__name__)


class Progress:
    """Counts up to `total`, which may grow meanwhile."""

    def __init__(self, label: str, total: int, stream: TextIO | None = None) -> None:
        self._label, self._total = label, total
        self._stream = stream or sys.stderr
        self._done, self._tenths = 0, 0

    def advance(self, by: int) -> None:
        """So many more are done."""
        self._done += by
        share = min(self._done / max(self._total, 1), 1.0)
        if self._stream.isatty():
            bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH, ".")
            self._stream.write(f"\r{self._label} [{bar}] {share:4.0%} {self._done:,}")
            self._stream.flush()
        elif self._done * 10 // max(self._total, 1) > self._tenths:
            self._tenths = self._done * 10 // max(self._total, 1)
            _log.info("progress", of=self._label, done=self._done, total=self._total)

    def finish(self) -> None:
        """Leave the bar's line."""
        if self._stream.isatty():
            self._stream.write("\n")
