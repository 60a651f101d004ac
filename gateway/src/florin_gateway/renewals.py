"""Refreshes a browser's tokens at identity: once, however many of its requests need it at once."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from typing import Any, Final

import orjson

from florin_chassis.errors import Refusal
from florin_gateway.headers import Headers
from florin_gateway.refusals import ServiceUnavailable
from florin_gateway.upstream import Question, Upstream
from florin_gateway.wallet import Tokens
from florin_gateway.wire import Lost

EARLY_S: Final = 60
"""So long before its end an access token is renewed."""

_REMEMBERED_S: Final = 30.0
_REMEMBERED_MAX: Final = 10_000
_JSON: Final = (b"content-type", b"application/json")


class Renewals:
    """What identity answered to the refresh tokens of late.

    Each is good once. Requests that left the browser before it got the next one share the answer.
    """

    def __init__(self, identity: Upstream) -> None:
        self._identity = identity
        self._answers: OrderedDict[bytes, tuple[float, asyncio.Task[Tokens | None]]] = OrderedDict()

    async def renew(self, tokens: Tokens, headers: Headers) -> Tokens | None:
        """The tokens to go on with; `None` if the session is over.

        While identity cannot be asked they stay as they are, for as long as they are good; then
        raises `ServiceUnavailable` or `ServiceTooSlow`.
        """
        key = _key(tokens)
        asked_at, answer = self._answers.get(key, (float("-inf"), None))
        if answer is None or time.monotonic() - asked_at > _REMEMBERED_S:
            answer = asyncio.ensure_future(self._ask(tokens, headers))
            self._remember(key, answer)
        try:
            return await asyncio.shield(answer)
        except (Refusal, Lost):
            self._answers.pop(key, None)
            if tokens.expires_at > time.time():
                return tokens
            raise

    async def present(self, tokens: Tokens) -> Tokens:
        """The tokens that another request has had for these meanwhile; else they themselves."""
        _, answer = self._answers.get(_key(tokens), (0.0, None))
        if answer is None:
            return tokens
        try:
            return await asyncio.shield(answer) or tokens
        except (Refusal, Lost):
            return tokens

    def _remember(self, key: bytes, answer: asyncio.Task[Tokens | None]) -> None:
        self._answers[key] = time.monotonic(), answer
        self._answers.move_to_end(key)
        while len(self._answers) > _REMEMBERED_MAX:
            self._answers.popitem(last=False)

    async def _ask(self, tokens: Tokens, headers: Headers) -> Tokens | None:
        body = orjson.dumps({"refresh_token": tokens.refresh})
        question = Question("POST", b"/sessions/refresh", [*headers, _JSON], body)
        async with self._identity.ask(question) as answer:
            content = await answer.whole()
            if answer.status == 200:  # noqa: PLR2004
                return tokens_of(orjson.loads(content))
            if answer.status in {401, 422}:
                return None
            fault = f"answered {answer.status} to a refresh"
            raise ServiceUnavailable.of("identity", fault, outcome_unknown=False)


def _key(tokens: Tokens) -> bytes:
    return hashlib.sha256(tokens.refresh.encode()).digest()


def tokens_of(document: dict[str, Any]) -> Tokens | None:
    """The tokens in what identity answered to a sign-in or a refresh, if there are any."""
    if "access_token" not in document:
        return None
    expires_at = int(time.time()) + int(document.get("expires_in", 0))
    return Tokens(document["access_token"], document.get("refresh_token", ""), expires_at)
