"""HTTP/1.1 to one service over kept connections, parsed by httptools.

An event loop tells at once when an idle connection was closed: nothing is polled, and a connection
that is taken from the pool has not been seen to end. (httpx looks at every idle connection at every
request; with 32 callers that took nine tenths of the gateway's time.)
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import httptools

from florin_gateway.headers import Headers

# Below the five seconds for which a service that stops still answers.
KEEP_ALIVE_S: Final = 4.0
_BUFFERED_BYTES_MAX: Final = 262_144
_FINAL: Final = 200  # below are the informational statuses, which precede an answer


class NotSent(Exception):
    """There is no connection, so nothing was asked."""


class Refused(NotSent):
    """Nobody listens at the address, or not any more."""


class Lost(Exception):
    """The connection ended, or spoke no HTTP, before the answer was whole.

    `begun` says that some byte of an answer had come.
    """

    def __init__(self, why: str, *, begun: bool) -> None:
        super().__init__(why)
        self.begun = begun


class Connection(asyncio.Protocol):
    """One connection, which carries one exchange at a time."""

    def __init__(self, pool: "Connections") -> None:
        self._pool = pool
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._wake: asyncio.Future[None] | None = None
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._bodiless = False
        self._kept = False
        self._fault: Lost | None = None
        self._begun = False
        self.whole = False
        self.status = 0
        self.headers: Headers = []
        self.idle_since = 0.0

    async def ask(self, request: bytes, *, bodiless: bool) -> None:
        """Send a request; return when `status` and `headers` are those of its answer.

        Raises `Lost`. The answer to a `bodiless` request has none, whatever length it names.
        """
        self._bodiless, self._kept, self._begun, self.whole = bodiless, False, False, False
        self.status, self.headers = 0, []
        self.buffered()  # of an answer that nobody took to its end
        self._transport.resume_reading()
        self._transport.write(request)
        while self.status < _FINAL:
            await self._news()
        if self._fault is not None:
            raise self._fault

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives; raises `Lost`."""
        while True:
            while self._chunks:
                yield self._next()
            if self.whole:
                return
            await self._news()

    def buffered(self) -> bytes:
        """All of the body that has arrived and was not taken yet."""
        body = b"".join(self._chunks)
        self._chunks.clear()
        self._buffered = 0
        return body

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow."""
        return self.whole and self._kept and not self._transport.is_closing()

    def close(self) -> None:
        """End the connection, whatever is under way on it."""
        self._transport.abort()

    async def _news(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._wake = asyncio.get_running_loop().create_future()
        try:
            await self._wake
        finally:
            self._wake = None

    def _next(self) -> bytes:
        chunk = self._chunks.popleft()
        self._buffered -= len(chunk)
        if self._buffered <= _BUFFERED_BYTES_MAX and not self._transport.is_closing():
            self._transport.resume_reading()
        return chunk

    def _tell(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Parse; what is no HTTP ends the connection."""
        self._begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fault = Lost(f"no HTTP answer: {error}", begun=True)
            self.close()
            self._tell()

    def connection_lost(self, error: Exception | None) -> None:
        """The end: of the answer too, if that was to last as long as the connection."""
        if self.status >= _FINAL and error is None and self._lasts_until_close():
            self.whole = True
        elif not self.whole:
            why = repr(error) if error else "connection closed"
            self._fault = self._fault or Lost(why, begun=self._begun)
        self._pool.forget(self)
        self._tell()

    def _lasts_until_close(self) -> bool:
        framing = {b"content-length", b"transfer-encoding"}
        return not any(name in framing for name, _ in self.headers)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A second answer, which nobody asked for, is the end of the connection."""
        if self.whole:
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect."""
        if self.whole:
            return
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The answer begins, unless it is an informational one."""
        if self.whole:
            return
        status = self._parser.get_status_code()
        if status < _FINAL:
            self.headers = []
            return
        self.status = status
        self._kept = self._parser.should_keep_alive()
        if self._bodiless:
            self.whole, self._kept = True, False
        self._tell()

    def on_body(self, body: bytes) -> None:
        """Collect, and hold the service up while nobody takes it."""
        if self.whole:
            return
        self._chunks.append(body)
        self._buffered += len(body)
        if self._buffered > _BUFFERED_BYTES_MAX:
            self._transport.pause_reading()
        self._tell()

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self.status >= _FINAL:
            self.whole = True
            self._tell()


class Connections:
    """Connections to one service: at most so many, the last used first."""

    def __init__(self, url: str, *, connect_timeout_s: float, connections_max: int) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._address = parts.hostname or "", parts.port or (443 if secure else 80)
        self._tls = ssl.create_default_context() if secure else None
        self._connect_timeout_s = connect_timeout_s
        self._free = asyncio.Semaphore(connections_max)
        self._idle: dict[Connection, None] = {}

    async def take(self, *, anew: bool = False) -> Connection:
        """A connection, to be given back, and no kept one if `anew`; raises `NotSent`."""
        await self._until_free()
        while self._idle and not anew:
            connection, _ = self._idle.popitem()
            if connection.reusable and time.monotonic() - connection.idle_since < KEEP_ALIVE_S:
                return connection
            connection.close()
        try:
            return await self._connect()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next exchange, if this one came to its end."""
        self._free.release()
        if connection.reusable:
            connection.idle_since = time.monotonic()
            self._idle[connection] = None
        else:
            connection.close()

    def forget(self, connection: Connection) -> None:
        """It has ended."""
        self._idle.pop(connection, None)

    def close(self) -> None:
        """End the idle connections."""
        for connection in list(self._idle):
            connection.close()

    async def _until_free(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._free.acquire()
        except TimeoutError:
            raise NotSent("all connections are in use") from None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self), *self._address, ssl=self._tls
                )
        except TimeoutError as error:
            raise NotSent(f"not connected within {self._connect_timeout_s:g} seconds") from error
        except OSError as error:
            raise Refused(repr(error)) from error
        return connection
