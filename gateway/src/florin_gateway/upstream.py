"""The one place where the gateway asks a service: time limits, second attempts, faults named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog

from florin_chassis.errors import Malformed
from florin_gateway.headers import Headers, to_caller
from florin_gateway.refusals import ServiceTooSlow, ServiceUnavailable
from florin_gateway.repeats import Repeats, reason_to_repeat
from florin_gateway.routes import SAFE_METHODS
from florin_gateway.settings import SERVICES, Settings
from florin_gateway.wire import Connection, Connections, Lost, NotSent, Refused

_WHOLE_BYTES_MAX: Final = 65_536
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """A request as a service is asked it; `target` is path and query, as they were sent."""

    method: str
    target: bytes
    headers: Headers
    body: bytes = b""


@dataclass(slots=True)
class Answer:
    """What a service answered. A small body is whole in `body`; a larger one is still to come."""

    status: int
    headers: Headers
    body: bytes | None
    connection: Connection

    def chunks(self) -> AsyncIterator[bytes]:
        """A large body as it arrives; raises `Lost`."""
        return self.connection.chunks()

    async def whole(self) -> bytes:
        """The body, all of it; raises `Lost`."""
        if self.body is None:
            self.body = b"".join([chunk async for chunk in self.chunks()])
        return self.body


class Upstream:
    """One service, with connections and limits of its own: a slow one takes nobody else's."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.total_s = settings.total_timeout_s
        self._repeats = Repeats(name)
        url = urlsplit(settings.url_of(name))
        self._host, self._base = url.netloc.encode(), url.path.encode()
        self._connections = Connections(
            settings.url_of(name),
            connect_timeout_s=settings.connect_timeout_s,
            connections_max=settings.connections_max,
        )

    @asynccontextmanager
    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        """The service's answer, whatever its status.

        Raises `ServiceUnavailable` or `ServiceTooSlow`. Leaving the block gives the connection
        back.
        """
        request = self._request(question)
        with self._faults_named(question):
            async with asyncio.timeout(self.total_s):
                connection = await self._asked(request, question)
                try:
                    answer = await _begun(connection)
                except BaseException:
                    self._connections.give_back(connection)
                    raise
        try:
            yield answer
        finally:
            self._connections.give_back(connection)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    async def _asked(self, request: bytes, question: Question) -> Connection:
        """A connection with the answer begun on it.

        What has no second effect is sent once more, on a connection of its own, which leads to
        another replica if this one is on its way out.
        """
        self._repeats.earn()
        try:
            return await self._send(request, question)
        except Refused as fault:
            if not self._repeats.spend("refused", fault):
                raise
            return await self._send(request, question, anew=True)
        except Lost as fault:
            reason = reason_to_repeat(question.method, question.target, question.headers)
            if fault.begun or not reason or not self._repeats.spend(reason, fault):
                raise
            try:
                return await self._send(request, question, anew=True)
            except NotSent:
                raise fault from None  # what was sent first may have had its effect

    async def _send(self, request: bytes, question: Question, *, anew: bool = False) -> Connection:
        connection = await self._connections.take(anew=anew)
        try:
            await connection.ask(request, bodiless=question.method == "HEAD")
        except BaseException:
            self._connections.give_back(connection)
            raise
        return connection

    def _request(self, question: Question) -> bytes:
        """The bytes of a request, framed anew: one length, one host."""
        headers = [*question.headers, (b"host", self._host)]
        if question.body or question.method not in SAFE_METHODS:
            headers.append((b"content-length", b"%d" % len(question.body)))
        first = b"%s %s%s HTTP/1.1" % (question.method.encode(), self._base, question.target)
        lines = [first, *(b"%s: %s" % pair for pair in headers)]
        head = b"\r\n".join(lines)
        # The server before us lets no line end through; that this is so is checked, not believed.
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1:
            raise Malformed("a header holds characters that HTTP does not allow")
        return head + b"\r\n\r\n" + question.body

    @contextmanager
    def _faults_named(self, question: Question) -> Iterator[None]:
        """What went wrong as the caller is told it."""
        write = question.method not in SAFE_METHODS
        try:
            yield
        except NotSent as error:
            self._log(error)
            fault = "cannot be reached"
            raise ServiceUnavailable.of(self.name, fault, outcome_unknown=False) from error
        except Lost as error:
            self._log(error)
            fault = "broke the connection off"
            raise ServiceUnavailable.of(self.name, fault, outcome_unknown=write) from error
        except TimeoutError as error:
            self._log(error)
            fault = f"did not answer within {self.total_s:g} seconds"
            raise ServiceTooSlow.of(self.name, fault, outcome_unknown=write) from error

    def _log(self, error: Exception) -> None:
        _log.warning("service did not answer", service=self.name, error=repr(error))


async def _begun(connection: Connection) -> Answer:
    """The answer, with its body if that is small: a broken one is then no half 200."""
    answer = Answer(connection.status, to_caller(connection.headers), None, connection)
    if connection.whole:
        answer.body = connection.buffered()
    elif _length(connection.headers) <= _WHOLE_BYTES_MAX:
        await answer.whole()
    return answer


def _length(headers: Headers) -> int:
    """The length that an answer names; more than is small if it names none."""
    named = [value for name, value in headers if name == b"content-length"]
    return int(named[0]) if named and named[0].isdigit() else _WHOLE_BYTES_MAX + 1


Upstreams = dict[str, Upstream]


@asynccontextmanager
async def upstreams(settings: Settings) -> AsyncIterator[Upstreams]:
    """All services, by name; their connections are closed at the end."""
    services = {name: Upstream(name, settings) for name in SERVICES}
    try:
        yield services
    finally:
        for service in services.values():
            service.close()
