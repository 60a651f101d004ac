"""A load generator: connections that stay open, each asking again as soon as it is answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from florin_local.ports import HOST

_CREATED, _OK = b"201", b"200"


class Connection:
    """One HTTP/1.1 connection. It costs the caller little, so that the server is what is measured.

    It knows answers with a `Content-Length` only, which all that we measure send.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect to a server on this machine."""
        return cls(*await asyncio.open_connection(HOST, port))

    async def create(self, path: str, body: Any, headers: Mapping[str, str]) -> bytes:
        """The body of the 201 answer; raises `RuntimeError` for any other."""
        return await self._ask("POST", path, headers, orjson.dumps(body), _CREATED)

    async def read(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The body of the 200 answer; raises `RuntimeError` for any other."""
        return await self._ask("GET", path, headers, b"", _OK)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes, expected: bytes
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(content)}", "", ""]
        self._writer.write("\r\n".join(lines).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        if head[9:12] != expected:
            raise RuntimeError(f"{method} {path}: {head[9:12]!r} {answer!r}")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def create_providers(
    port: int, headers: Mapping[str, str], connections: int, seconds: float
) -> float:
    """Providers created a second, by so many connections at once."""
    return await _often(port, [headers] * connections, _create_provider, seconds)


async def read_often(
    port: int, path: str, callers: Sequence[Mapping[str, str]], seconds: float
) -> float:
    """Reads of a path a second, a connection for each caller's headers."""

    async def read(connection: Connection, headers: Mapping[str, str]) -> None:
        await connection.read(path, headers)

    return await _often(port, callers, read, seconds)


async def _often(
    port: int,
    callers: Sequence[Mapping[str, str]],
    ask: Callable[[Connection, Mapping[str, str]], Awaitable[None]],
    seconds: float,
) -> float:
    opened = [await Connection.open(port) for _ in callers]
    await asyncio.gather(*map(ask, opened, callers))
    started = time.perf_counter()

    async def keep_asking(connection: Connection, headers: Mapping[str, str]) -> int:
        answered = 0
        while time.perf_counter() - started < seconds:
            await ask(connection, headers)
            answered += 1
        return answered

    answered = sum(await asyncio.gather(*map(keep_asking, opened, callers)))
    rate = answered / (time.perf_counter() - started)
    for connection in opened:
        connection.close()
    return rate


def new_provider() -> dict[str, str]:
    """The body of a provider that nobody made yet."""
    return {
        "name": "Provider",
        "slug": uuid4().hex,
        "currency": "EUR",
        "time_zone": "Europe/Paris",
    }


async def _create_provider(connection: Connection, headers: Mapping[str, str]) -> None:
    await connection.create("/providers", new_provider(), headers)
