"""How a partition waits for what will pass: capped backoff, ended early by progress elsewhere."""

import asyncio
import time
from typing import Final

import structlog
from aiokafka import TopicPartition

from florin_chassis.database import is_transient
from florin_chassis.errors import ConcurrentChange, NotYet
from florin_chassis.metrics import CONSUMER_RETRIES, CONSUMER_WAIT
from florin_chassis.waiting import any_happened, happened

_BACKOFF_S_FIRST: Final = 0.02
_BACKOFF_S_MAX: Final = 5.0
_log = structlog.get_logger(__name__)


class Stopping(Exception):
    """The lane is told to stop; what it has not committed is read again by whoever comes next."""


class Progress:
    """Tells those who wait that something else was committed, perhaps what they wait for."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def made(self) -> None:
        """Wake whoever waits."""
        self.next.set()
        self.next = asyncio.Event()


class Patience:
    """The waits of one partition between two tries of the same work."""

    def __init__(
        self, partition: TopicPartition, progress: Progress, stopping: asyncio.Event
    ) -> None:
        self._partition, self._progress, self._stopping = partition, progress, stopping
        self._gauge = CONSUMER_WAIT.labels(*partition)
        self._since: float | None = None
        self._delay = _BACKOFF_S_FIRST

    async def wait(self, reason: str, error: Exception) -> None:
        """Until the next try; raises `Stopping`."""
        progress = self._progress.next
        self._since = self._since or time.monotonic()
        self._gauge.set(time.monotonic() - self._since)
        CONSUMER_RETRIES.labels(self._partition.topic, reason).inc()
        _log.info("waits", reason=reason, error=brief(error), **self._partition._asdict())
        if not await happened(self._stopping, _BACKOFF_S_FIRST):
            await any_happened(self._stopping, progress, within_s=self._delay)
        self._delay = min(self._delay * 2, _BACKOFF_S_MAX)
        self.check()

    def check(self) -> None:
        """Raises `Stopping` once told to stop."""
        if self._stopping.is_set():
            raise Stopping

    def over(self) -> None:
        """The work is done."""
        if self._since is not None:
            self._since, self._delay = None, _BACKOFF_S_FIRST
            self._gauge.set(0)


def brief(error: Exception) -> str:
    """For the log: what it was, without the details, which may repeat data."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"


def passing(error: Exception) -> str | None:
    """The reason to try the same again; `None` if that would not help."""
    if isinstance(error, NotYet):
        return "not_yet"
    if isinstance(error, ConcurrentChange):
        return "concurrent_change"
    return "database" if is_transient(error) else None
