"""The one place where the gateway asks a service: pooled connections, time limits, faults named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
import structlog

from florin_chassis.errors import Malformed
from florin_gateway.headers import Headers, to_caller
from florin_gateway.refusals import ServiceTooSlow, ServiceUnavailable
from florin_gateway.routes import SAFE_METHODS
from florin_gateway.settings import SERVICES, Settings

# Below the five seconds after which a service closes an idle connection itself.
_KEEP_ALIVE_S: Final = 4.0
_WHOLE_BYTES_MAX: Final = 65_536
_LOST: Final = (httpx.NetworkError, httpx.RemoteProtocolError)
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
    response: httpx.Response

    def header(self, name: bytes) -> bytes:
        """The first value of a header, or nothing."""
        return next((value for n, value in self.headers if n == name), b"")

    async def chunks(self) -> AsyncIterator[bytes]:
        """A large body as it arrives."""
        async for chunk in self.response.stream:  # type: ignore[union-attr]
            yield chunk

    async def whole(self) -> bytes:
        """The body, all of it."""
        if self.body is None:
            self.body = b"".join([chunk async for chunk in self.chunks()])
        return self.body


class Upstream:
    """One service, with connections and limits of its own: a slow one takes nobody else's."""

    def __init__(
        self, name: str, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.total_s = settings.total_timeout_s
        self._url = httpx.URL(settings.url_of(name))
        self._base = self._url.raw_path.rstrip(b"/")
        self._timeout = httpx.Timeout(
            settings.total_timeout_s,
            connect=settings.connect_timeout_s,
            pool=settings.connect_timeout_s,
        ).as_dict()
        self._transport = transport or httpx.AsyncHTTPTransport(
            trust_env=False,
            limits=httpx.Limits(
                max_connections=settings.connections_max,
                max_keepalive_connections=settings.connections_max,
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
        )

    @asynccontextmanager
    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        """The service's answer, whatever its status.

        Raises `ServiceUnavailable` or `ServiceTooSlow`, and `Malformed` for headers that HTTP
        does not allow. Leaving the block gives the connection back.
        """
        response = None
        try:
            try:
                async with asyncio.timeout(self.total_s):
                    response = await self._send(question)
                    answer = await self._begun(response)
            except (TimeoutError, httpx.HTTPError) as error:
                raise self._fault(error, question) from error
            yield answer
        finally:
            if response is not None:
                await response.aclose()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _send(self, question: Question) -> httpx.Response:
        """Send, and send once more what cannot have had an effect: connections go stale unseen."""
        try:
            return await self._transport.handle_async_request(self._request(question))
        except _LOST as error:
            harmless = isinstance(error, httpx.ConnectError) or question.method in SAFE_METHODS
            if not harmless:
                raise
        return await self._transport.handle_async_request(self._request(question))

    def _request(self, question: Question) -> httpx.Request:
        # The target travels as it came: parsing and writing it again could change what it means.
        return httpx.Request(
            question.method,
            self._url,
            headers=question.headers,
            content=question.body,
            extensions={"timeout": self._timeout, "target": self._base + question.target},
        )

    async def _begun(self, response: httpx.Response) -> Answer:
        """The answer, with its body if that is small: a broken one is then no half 200."""
        length = response.headers.get("content-length", "")
        answer = Answer(response.status_code, to_caller(response.headers.raw), None, response)
        if length.isdigit() and int(length) <= _WHOLE_BYTES_MAX:
            await answer.whole()
        return answer

    def _fault(self, error: Exception, question: Question) -> Exception:
        if isinstance(error, httpx.LocalProtocolError):
            return Malformed("a header holds characters that HTTP does not allow")
        _log.warning("service did not answer", service=self.name, error=repr(error))
        write = question.method not in SAFE_METHODS
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
            return ServiceUnavailable.of(self.name, "cannot be reached", outcome_unknown=False)
        if isinstance(error, (TimeoutError, httpx.TimeoutException)):
            fault = f"did not answer within {self.total_s:g} seconds"
            return ServiceTooSlow.of(self.name, fault, outcome_unknown=write)
        return ServiceUnavailable.of(self.name, "broke the connection off", outcome_unknown=write)


Upstreams = dict[str, Upstream]


@asynccontextmanager
async def upstreams(settings: Settings) -> AsyncIterator[Upstreams]:
    """All services, by name; their connections are closed at the end."""
    services = {name: Upstream(name, settings) for name in SERVICES}
    try:
        yield services
    finally:
        for service in services.values():
            await service.close()
