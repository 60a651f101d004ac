"""Tokens for API keys: got from identity and kept until they end; services know tokens only.

A key may be good from some addresses only, and identity says so at each exchange: what it answered
is kept for the key and the caller's address together.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from typing import Final, NamedTuple
from urllib.parse import urlencode

import structlog
from pydantic import BaseModel
from starlette.types import Scope

from florin_chassis.errors import Unauthenticated
from florin_contracts.api_keys import is_api_key
from florin_gateway.headers import Headers, caller_of, to_service
from florin_gateway.refusals import ServiceTooSlow, ServiceUnavailable
from florin_gateway.upstream import Question, Upstream
from florin_gateway.wire import Lost

GRANT: Final = "urn:florin:params:oauth:grant-type:api-key"
KEPT_MAX: Final = 4_096
REFUSED_S: Final = 5.0
"""For so long identity is not asked again about a key that it has refused."""

ASKING_MAX: Final = 64
"""Different keys that identity is asked about at once: whoever makes keys up shall not drown it."""

_MARGIN_S: Final = 10.0
_OK, _REFUSED = 200, 400
_OF_CALLER: Final = frozenset(
    {b"request-id", b"traceparent", b"tracestate", b"user-agent", b"x-forwarded-for"}
)
_log = structlog.get_logger(__name__)


class _Granted(BaseModel):
    """What of identity's answer matters here."""

    access_token: str
    expires_in: int


class _Kept(NamedTuple):
    """A token, and until when it is handed out; none for a key that was refused."""

    token: str | None
    until: float


class ApiKeys:
    """Exchanges keys. Only their digests stay in memory."""

    def __init__(self, identity: Upstream) -> None:
        self._identity = identity
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[_Kept]] = {}

    async def token_of(self, key: str, scope: Scope) -> str:
        """An access token for the key; raises `Unauthenticated`, or `ServiceUnavailable`."""
        if not is_api_key(key):
            raise Unauthenticated("this is no API key: it was cut short or mistyped")
        digest = _digest(key, scope)
        kept = self._kept.get(digest)
        if kept is None or kept.until <= time.monotonic():
            # Whoever leaves while identity is asked leaves the answer to the others.
            kept = await asyncio.shield(self._asked(digest, key, scope))
        if kept.token is None:
            raise Unauthenticated("the API key is not good")
        return kept.token

    def forget(self, key: str, scope: Scope, token: str) -> None:
        """Ask again for this key, if this is the token that is kept for it: it is refused."""
        digest = _digest(key, scope)
        kept = self._kept.get(digest)
        if kept is not None and kept.token == token:
            del self._kept[digest]

    def _asked(self, digest: bytes, key: str, scope: Scope) -> asyncio.Task[_Kept]:
        """The one question about this key that is on its way."""
        task = self._asking.get(digest)
        if task is None:
            if len(self._asking) >= ASKING_MAX:
                raise _unavailable("is asked about too many API keys at once")
            task = asyncio.create_task(self._exchange(digest, key, scope))
            self._asking[digest] = task
            task.add_done_callback(lambda done: self._answered(digest, done))
        return task

    def _answered(self, digest: bytes, task: asyncio.Task[_Kept]) -> None:
        del self._asking[digest]
        if not task.cancelled():
            task.exception()  # it is told to whoever still waits

    async def _exchange(self, digest: bytes, key: str, scope: Scope) -> _Kept:
        question = _question(key, scope)
        try:
            try:
                kept = await self._answer_to(question)
            except (ServiceUnavailable, Lost):  # a replica that ended took the connection along
                kept = await self._answer_to(question)
        except (ServiceUnavailable, ServiceTooSlow, Lost, ValueError) as error:
            _log.warning("API key not exchanged", error=repr(error))
            raise _unavailable("exchanges no API keys now") from error
        self._kept[digest] = kept
        self._kept.move_to_end(digest)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return kept

    async def _answer_to(self, question: Question) -> _Kept:
        """Raises `ValueError` for an answer that says neither yes nor no."""
        asked_at = time.monotonic()
        async with self._identity.ask(question) as answer:
            if answer.status == _REFUSED:
                return _Kept(None, asked_at + REFUSED_S)
            if answer.status != _OK:
                raise ValueError(f"identity answers {answer.status}")
            granted = _Granted.model_validate_json(await answer.whole())
        early_s = min(_MARGIN_S, granted.expires_in / 2)
        return _Kept(granted.access_token, asked_at + granted.expires_in - early_s)


def _digest(key: str, scope: Scope) -> bytes:
    return hashlib.sha256(b"%s %s" % (key.encode(), caller_of(scope))).digest()


def _question(key: str, scope: Scope) -> Question:
    """Asked in the caller's name: identity's security log tells from where a key is tried."""
    form = urlencode({"grant_type": GRANT, "api_key": key}).encode()
    headers: Headers = [pair for pair in to_service(scope) if pair[0] in _OF_CALLER]
    headers.append((b"content-type", b"application/x-www-form-urlencoded"))
    return Question("POST", b"/oauth2/token", headers, form)


def _unavailable(fault: str) -> ServiceUnavailable:
    return ServiceUnavailable.of("identity", fault, outcome_unknown=False)
