"""A real HTTP receiver of webhooks on this machine, which answers as a test tells it to."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

DEADLINE_S = 120.0


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> Any:
        """By the reference library; raises when the signature is not of this secret."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass(frozen=True)
class Answer:
    """What is answered; `raw` replaces all of it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    raw: bytes | None = None

    def encode(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Answer", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return self.raw or ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass
class Receiver:
    """Keeps what it received, in order; `answer` decides, and may wait."""

    url: str = ""
    connections: int = 0
    received: list[Received] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=dict)
    overlapped: bool = False
    answer: Callable[[Received], Awaitable[Answer]] | None = None

    async def have(self, count: int) -> list[Received]:
        """The requests, once there are at least so many."""
        await until(lambda: len(self.received) >= count)
        return self.received

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await _read(reader):
                writer.write((await self._handle(request)).encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass  # kept alive over the end of the loop, of which asyncio would complain
        finally:
            writer.close()

    async def _handle(self, request: Received) -> Answer:
        """Watches that no two events of one aggregate are under way to one path at once."""
        subject = f"{request.path} {request.event.get('subject')}"
        self.under_way[subject] = self.under_way.get(subject, 0) + 1
        self.overlapped = self.overlapped or self.under_way[subject] > 1
        self.received.append(request)
        try:
            return await self.answer(request) if self.answer else Answer()
        finally:
            self.under_way[subject] -= 1


async def _read(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens on a port of its own of 127.0.0.1."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield receiver
    finally:
        server.close()


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)
