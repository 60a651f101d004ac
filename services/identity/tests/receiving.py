"""An application that is told of logouts over real HTTP, and answers as a test tells it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from florin_chassis.runtime import Runtime
from florin_identity.delivery.notifier import Notifier

DEADLINE_S = 60.0


@dataclass
class Receiver:
    """Keeps the tokens that it was sent; answers with these statuses, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def have(self, count: int) -> list[str]:
        """The tokens, once there are so many."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.tokens) < count:
                self._told.clear()
                await self._told.wait()
        return self.tokens

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].split("\r\n")[0])
            body = parse_qs((await reader.readexactly(length)).decode())
            self.heads.append(head)
            self.tokens += body["logout_token"]
            status = self.statuses.pop(0) if self.statuses else 200
            closing = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            writer.write(f"HTTP/1.1 {status} So\r\n".encode() + closing)
            await writer.drain()
            self._told.set()
        finally:
            writer.close()


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[Receiver]:
    """A receiver that listens on a port of its own of 127.0.0.1."""
    receiver = Receiver(statuses=list(statuses))
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/signed-out"
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def notifier(runtime: Runtime, replicas: int = 1) -> AsyncIterator[None]:
    """So many processes at work."""
    stopping = asyncio.Event()
    running = [asyncio.ensure_future(Notifier(runtime).run(stopping)) for _ in range(replicas)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*running)
