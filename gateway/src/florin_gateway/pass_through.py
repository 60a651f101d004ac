"""Passes a request on to the path's owner and the owner's answer back, changing neither."""

import asyncio
from collections.abc import AsyncIterator

import structlog
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from florin_gateway.door import Door
from florin_gateway.headers import to_service
from florin_gateway.refusals import BodyTooSlow
from florin_gateway.routes import is_owned
from florin_gateway.upstream import Answer, Question, Upstreams
from florin_gateway.wire import Lost

_log = structlog.get_logger(__name__)


class PassThrough(BaseRoute):
    """The route of every path whose first segment is in the table."""

    def __init__(self, door: Door, services: Upstreams) -> None:
        self._door, self._services = door, services

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """By the first segment, as it was sent."""
        owned = scope["type"] == "http" and is_owned(scope["raw_path"])
        return (Match.FULL if owned else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit, take the whole body, ask the owner, send its answer on."""
        route = await self._door.admit(scope)
        service = self._services[route.owner]
        try:
            body = await read_body(scope, receive, service.total_s)
        except ClientDisconnect:
            return  # nobody is left to be answered
        question = Question(scope["method"], target_of(scope), to_service(scope), body)
        async with service.ask(question) as answer:
            if shown := await self._door.shown_to_browser(scope, answer):
                await shown(scope, receive, send)
            else:
                await send_answer(answer, send, service.total_s)


def target_of(scope: Scope) -> bytes:
    """Path and query, byte for byte as they were sent."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


async def read_body(scope: Scope, receive: Receive, limit_s: float) -> bytes:
    """The whole body, before a service is asked: a slow caller holds no connection of ours.

    Raises `TooLarge` (the limit is around us), `BodyTooSlow`, `ClientDisconnect`.
    """
    if not any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]):
        return b""
    try:
        async with asyncio.timeout(limit_s):
            return b"".join([chunk async for chunk in _received(receive)])
    except TimeoutError as error:
        raise BodyTooSlow(f"the body did not arrive within {limit_s:g} seconds") from error


async def _received(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def send_answer(answer: Answer, send: Send, stall_s: float) -> None:
    """Send an answer on; a large body as it comes.

    A body that breaks off in the middle, or stands still for `stall_s`, is left unfinished: the
    server then cuts the connection, and the caller sees that it has not got everything.
    """
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if answer.body is not None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    try:
        async with asyncio.timeout(stall_s) as stall:
            async for chunk in answer.chunks():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                stall.reschedule(asyncio.get_running_loop().time() + stall_s)
    except (TimeoutError, Lost) as error:
        _log.warning("answer broken off in the middle", error=repr(error))
        return
    await send({"type": "http.response.body", "body": b""})
