"""A bad network on this machine: a TCP proxy that spreads, slows, cuts and swallows."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Self

from florin_local.ports import HOST, free_port

_CHUNK_BYTES = 65_536
_START_TIMEOUT_S = 5
_AT_ONCE = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on `port` and passes connections on to its targets in turn, as a service's address.

    It runs in a thread of its own, and passes everything on at once unless told otherwise.
    """

    def __init__(self, name: str, *targets: int) -> None:
        self.name = name
        self.port = free_port()
        self.targets = list(targets)
        self.delay_s = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._turn = 0
        self._rng = Random(name)  # noqa: S311 - chance that can be repeated
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"proxy {self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT_S):
            raise OSError(f"the proxy on port {self.port} does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self, share: float = 1.0) -> None:
        """Reset connections, all or a random share of them."""
        self._loop.call_soon_threadsafe(self._cut, share)

    @contextmanager
    def slow(self, delay_s: float) -> Iterator[None]:
        """Hold every piece of data up as long as the block lasts."""
        self.delay_s = delay_s
        try:
            yield
        finally:
            self.delay_s = 0.0

    @contextmanager
    def half_open(self) -> Iterator[None]:
        """Let nothing through while every connection seems to live; at the end all are reset."""
        self._loop.call_soon_threadsafe(self._flowing.clear)
        try:
            yield
        finally:
            self.cut()
            self._loop.call_soon_threadsafe(self._flowing.set)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, HOST, self.port, backlog=512)
        )
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._flowing.set()
        self._cut(1.0)
        tasks = asyncio.all_tasks(self._loop)
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _cut(self, share: float) -> None:
        for writer in list(self._open):
            if self._rng.random() < share:
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await self._reach()
        except OSError:
            _reset(writer)
            return
        pair = {writer, to_writer}
        self._open |= pair
        try:
            await asyncio.gather(self._pump(reader, to_writer), self._pump(to_reader, writer))
        except OSError:
            for one in pair:
                _reset(one)
        finally:
            self._open -= pair
            for one in pair:
                one.close()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The next target that takes the connection; raises `OSError` when none does."""
        refusal = OSError("there is no target")
        for _ in range(len(self.targets)):
            self._turn += 1
            try:
                return await asyncio.open_connection(
                    HOST, self.targets[self._turn % len(self.targets)]
                )
            except OSError as error:
                refusal = error
        raise refusal

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, and an end in order; raises `OSError` when either side is reset."""
        while data := await reader.read(_CHUNK_BYTES):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other end is told of a reset, not of an end in order."""
    if (connection := writer.get_extra_info("socket")) is not None:
        with contextlib.suppress(OSError):  # it is closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()
