"""HTTP/1.1 as services may speak it, and what becomes of their connections."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest
from gateway.tests.test_faults import Behave, ask
from gateway.tests.world import Services, broken_service, running_gateway, settings_of

from florin_chassis.errors import Malformed
from florin_gateway.upstream import Question, upstreams

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
LARGE = b"x" * 2_000_000


def saying(*parts: bytes) -> Behave:
    """Answer every request on a connection with these bytes, part by part, then hang up."""

    async def behave(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return behave


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ((WHOLE,), b"{}"),
        (tuple(bytes([byte]) for byte in WHOLE), b"{}"),
        ((b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", WHOLE), b"{}"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,), b"{}"),
        ((b"HTTP/1.0 200 OK\r\n\r\nuntil", b" the end"), b"until the end"),
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",), b"{}"),
        ((b"HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n", LARGE), LARGE),
    ],
)
async def test_every_framing_of_an_answer_is_understood(
    services: Services, parts: tuple[bytes, ...], body: bytes
) -> None:
    async with (
        broken_service(saying(*parts)) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        answer = await ask(gate)
    assert (answer.status_code, answer.content) == (200, body)
    assert "Link" not in answer.headers


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x00\x00",
        b"",
    ],
)
async def test_an_answer_that_is_no_http_is_503(services: Services, said: bytes) -> None:
    async with (
        broken_service(saying(said)) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        answer = await ask(gate)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_a_connection_is_kept_and_used_again(services: Services) -> None:
    connections = 0

    async def keeps(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(WHOLE)
            await writer.drain()

    async with (
        broken_service(keeps) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        for _ in range(5):
            assert (await ask(gate)).status_code == 200
    assert connections == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_idle_connection_that_the_service_closed_is_not_used_again(
    services: Services, method: str
) -> None:
    async with (
        broken_service(saying(WHOLE)) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        for _ in range(5):
            assert (await ask(gate, method)).status_code == 200


async def test_what_nobody_asked_for_is_not_taken_for_the_next_answer(services: Services) -> None:
    async def says_more(reader: StreamReader, writer: StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(WHOLE)
            await writer.drain()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret")
            await writer.drain()

    async with (
        broken_service(says_more) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        for _ in range(5):
            answer = await ask(gate)
            assert b"secret" not in answer.content


async def test_a_service_is_held_up_while_the_caller_does_not_read(services: Services) -> None:
    """200 MB are not taken into memory for a caller who has read nothing of them."""
    sent = 0
    stuck = asyncio.Event()

    async def pours(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n")
        try:
            for _ in range(200):
                writer.write(b"x" * 1_000_000)
                async with asyncio.timeout(0.5):
                    await writer.drain()
                sent += 1_000_000
        finally:
            stuck.set()

    async with (
        broken_service(pours) as url,
        running_gateway(services.url, clients_url=url, total_timeout_s=2) as gate,
        gate.http.stream("GET", "/clients", headers=gate.signed_in),
    ):
        await stuck.wait()
    assert sent < 50_000_000


@pytest.mark.parametrize("value", [b"a\r\nX-Smuggled: 1", b"a\nb", b"a\rb"])
async def test_no_header_ends_its_own_line(services: Services, value: bytes) -> None:
    question = Question("GET", b"/clients", [(b"x-odd", value)])
    async with upstreams(settings_of(services.url)) as all_services:
        with pytest.raises(Malformed):
            async with all_services["clients"].ask(question):
                pass
    assert services.asked == []
