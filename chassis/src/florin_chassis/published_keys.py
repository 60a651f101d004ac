"""The public keys that tokens are verified with, as identity publishes them."""

import asyncio
import time
from typing import Any, Final, Protocol

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from florin_chassis.errors import Unavailable

RENEWED_AFTER_S: Final = 30.0
"""Keys of this age are read again, while requests go on with them."""

AGE_S_MAX: Final = 60.0
"""Older ones are believed only after asking: a key that is dropped is refused within a minute."""

_ASKED_EVERY_S: Final = 2.0
_TIMEOUT_S: Final = 2.0
# A RuntimeError says that the client was closed, and others that the answer holds no keys.
_UNREADABLE: Final = (
    httpx.HTTPError, RuntimeError, ValueError, KeyError, TypeError, JoseError,
)  # fmt: skip
_log = structlog.get_logger(__name__)


class KeySource(Protocol):
    """Where the present public keys come from."""

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The key set; `fresh` says that a key was missing from the last one.

        It is the same object for as long as the keys are the same.
        """
        ...


class PublishedKeys:
    """Identity's JWKS document: read at first use, as it ages, and for a key that it does not hold.

    It is asked for at most every two seconds. While identity is down the last known keys go on
    serving, and nobody waits for more than one attempt.
    """

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client = url, client
        self._keys: KeySet | None = None
        self._document: Any = None
        self._read_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """Raises `Unavailable` while no keys were ever read."""
        age = time.monotonic() - self._read_at
        unasked = self._tried_at < self._read_at + AGE_S_MAX
        if self._keys is None or fresh or (age >= AGE_S_MAX and unasked):
            await self._ask()
        elif age >= RENEWED_AFTER_S and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._ask())
        if self._keys is None:
            raise Unavailable("the signing keys cannot be read now")
        return self._keys

    async def _ask(self) -> None:
        """Who waited for another's attempt is content with what came of it."""
        async with self._lock:
            now = time.monotonic()
            if now - self._tried_at < _ASKED_EVERY_S:
                return
            self._tried_at = now
            try:
                answer = await self._client.get(self._url, timeout=_TIMEOUT_S)
                answer.raise_for_status()
                self._take(answer.json())
            except _UNREADABLE as error:
                _log.warning("signing keys not read", error=repr(error))

    def _take(self, document: Any) -> None:
        if document != self._document:
            keys = KeySet.import_key_set(document)
            if not keys.keys:
                raise ValueError("no keys are published")
            self._keys, self._document = keys, document
        self._read_at = time.monotonic()
