"""Notices a Kafka client that fetches nothing any more, though nothing has told so.

aiokafka's fetcher is a task of its own: an error that it does not expect, such as uvloop's
`RuntimeError` for writing to a closed transport, ends it with a line in the log, and a connection
that never comes about holds up every other. Either way there is nothing to read, for ever.
"""

from typing import Final

from aiokafka.errors import KafkaError

REPORTS_MAX: Final = 40
"""Half a second each: longer than a session, shorter than anybody's patience."""


class Unanswered(KafkaError):  # type: ignore[misc]
    """No fetch was answered for too long: the client is given up, and another one begins."""


class Silence:
    """Counts reports, not seconds: a process that was paused itself has missed nothing."""

    def __init__(self, reports_max: int = REPORTS_MAX) -> None:
        self._reports_max = reports_max
        self._last: int | None = None
        self._reports = 0

    def note(self, answered_ms: int | None) -> None:
        """When the last fetch was answered; `None` while none is asked. Raises `Unanswered`."""
        if answered_ms is None or answered_ms != self._last:
            self._last, self._reports = answered_ms, 0
            return
        self._reports += 1
        if self._reports >= self._reports_max:
            raise Unanswered(f"no fetch was answered in {self._reports} reports")
