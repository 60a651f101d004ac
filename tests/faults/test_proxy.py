"""The bad network does what faults ask of it, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.faults.proxy import Proxy

from florin_local.ports import HOST

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def echoes() -> AsyncIterator[list[int]]:
    """Two servers that answer each line with their own number, by port."""
    servers = [await asyncio.start_server(_echo(n), HOST, 0) for n in (b"0", b"1")]
    yield [server.sockets[0].getsockname()[1] for server in servers]
    for server in servers:
        server.close()


def _echo(number: bytes) -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(number + line)
        writer.close()

    return answer


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Ends]:
    """A connection through the proxy; it ends with the block."""
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(ends: Ends) -> bytes:
    reader, writer = ends
    writer.write(b"x\n")
    return await reader.readline()


async def ask_anew(proxy: Proxy) -> bytes:
    async with connected(proxy) as ends:
        return await ask(ends)


async def test_connections_are_spread_over_the_targets(echoes: list[int]) -> None:
    with Proxy("echo", *echoes) as proxy:
        assert {await ask_anew(proxy) for _ in range(4)} == {b"0x\n", b"1x\n"}


async def test_a_target_that_is_away_is_passed_over(echoes: list[int]) -> None:
    with Proxy("echo", 1, echoes[1]) as proxy:
        assert {await ask_anew(proxy) for _ in range(4)} == {b"1x\n"}


async def test_no_target_at_all_is_a_reset() -> None:
    with Proxy("echo", 1) as proxy, pytest.raises(ConnectionResetError):
        await ask_anew(proxy)


async def test_a_cut_resets_what_is_open_and_nothing_later(echoes: list[int]) -> None:
    with Proxy("echo", echoes[0]) as proxy:
        async with connected(proxy) as ends:
            assert await ask(ends) == b"0x\n"
            proxy.cut()
            with pytest.raises(ConnectionResetError):
                await ends[0].readline()
        assert await ask_anew(proxy) == b"0x\n"


async def test_a_half_open_connection_is_silent_and_then_reset(echoes: list[int]) -> None:
    with Proxy("echo", echoes[0]) as proxy:
        async with connected(proxy) as ends:
            assert await ask(ends) == b"0x\n"
            with proxy.half_open(), pytest.raises(TimeoutError):
                await asyncio.wait_for(ask(ends), 0.3)
            with pytest.raises(ConnectionResetError):
                await ends[0].readline()


async def test_an_end_in_order_is_passed_on(echoes: list[int]) -> None:
    with Proxy("echo", echoes[0]) as proxy:
        async with connected(proxy) as (reader, writer):
            writer.write(b"x\n")
            writer.write_eof()
            assert await reader.read() == b"0x\n"
