"""What a service is asked once more when a connection failed it, and how often altogether."""

from typing import Final
from urllib.parse import unquote

import structlog
from prometheus_client import Counter

from florin_contracts.operations import operation_of
from florin_gateway.headers import Headers
from florin_gateway.routes import SAFE_METHODS

_EARNED: Final = 0.1
"""One repeat is earned by ten questions: a service that fails is asked a tenth more, not twice."""

_SAVED_MAX: Final = 100.0
"""A replica that dies takes at most so many requests along that are not yet earned."""

REPEATED: Final = Counter(
    "florin_gateway_repeats_total",
    "Requests asked once more, by reason: refused (nothing was sent), read, key (a write whose"
    " answer its service keeps); withheld are those that were not, for there were too many",
    ["service", "reason"],
)
_log = structlog.get_logger(__name__)


class Repeats:
    """How many more repeats one service may be asked."""

    def __init__(self, service: str) -> None:
        self._service, self._left = service, _SAVED_MAX

    def earn(self) -> None:
        """Something is asked for the first time."""
        self._left = min(_SAVED_MAX, self._left + _EARNED)

    def spend(self, reason: str, error: Exception) -> bool:
        """Whether one more may be asked; it is counted either way."""
        granted = self._left >= 1
        self._left -= granted
        REPEATED.labels(self._service, reason if granted else "withheld").inc()
        if granted:
            _log.info("asked once more", service=self._service, reason=reason, error=repr(error))
        return granted


def reason_to_repeat(method: str, target: bytes, headers: Headers) -> str | None:
    """Why a request whose answer was lost may be sent again without a second effect, if it may.

    PUT and DELETE without a key are no such: their first effect turns the answer to a second into
    404 or 412, which would tell the caller that nothing was done.
    """
    if method in SAFE_METHODS:
        return "read"
    keyed = any(name == b"idempotency-key" for name, _ in headers)
    return "key" if keyed and _is_kept(method, target) else None


def _is_kept(method: str, target: bytes) -> bool:
    path = unquote(target.partition(b"?")[0].decode("latin-1"))
    operation = operation_of(method, path)
    return operation is None or not operation.unkept
