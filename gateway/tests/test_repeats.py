"""What is asked once more when a service dies under it, at each point at which it can."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from gateway.tests.test_faults import REPEAT, ask
from gateway.tests.world import Gateway, Services, broken_service, running_gateway
from prometheus_client import REGISTRY

from florin_gateway.repeats import Repeats, reason_to_repeat

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"
KEY = {"Idempotency-Key": "one-of-mine"}


class Dying:
    """Answers so many requests, then dies at a point of the next: `asked` are those it has read.

    With `again` the replica beside it answers whoever comes by a new connection.
    """

    def __init__(self, point: str, *, well: int = 0, again: bool = True) -> None:
        self.point, self.well, self.again = point, well, again
        self.asked: list[bytes] = []
        self.is_dead = False

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self.is_dead and not self.again:
            return
        beside = self.is_dead
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"content-length: (\d+)", head)
            self.asked.append(head + await reader.readexactly(int(length[1]) if length else 0))
            if not beside and len(self.asked) > self.well:
                self.is_dead = True
                if self.point == "amid the head":
                    writer.write(WHOLE[:12])
                    await writer.drain()
                if self.point == "amid the body":
                    writer.write(WHOLE[:-1])
                    await writer.drain()
                return
            writer.write(WHOLE)
            await writer.drain()


@asynccontextmanager
async def gate_to(dying: Dying, services: Services) -> AsyncIterator[Gateway]:
    async with (
        broken_service(dying) as url,
        running_gateway(services.url, clients_url=url, identity_url=url) as gate,
    ):
        yield gate


async def keyed(gate: Gateway, method: str = "POST", path: str = "/clients") -> httpx.Response:
    async with asyncio.timeout(3):
        headers = gate.signed_in | KEY
        return await gate.http.request(method, path, headers=headers, json={"name": "N"})


def repeats(reason: str, service: str = "clients") -> float:
    labels = {"service": service, "reason": reason}
    return REGISTRY.get_sample_value("florin_gateway_repeats_total", labels) or 0


@pytest.mark.parametrize("well", [0, 3])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_keyed_write_whose_connection_ends_unanswered_is_asked_once_more(
    services: Services, method: str, well: int
) -> None:
    dying, before = Dying("before a byte", well=well), repeats("key")
    async with gate_to(dying, services) as gate:
        answers = [await keyed(gate, method) for _ in range(well + 1)]
    assert {answer.status_code for answer in answers} == {201}
    assert len(dying.asked) == well + 2
    assert dying.asked[-1] == dying.asked[-2]  # the body too, byte for byte
    assert repeats("key") == before + 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_without_a_key_is_never_asked_twice(services: Services, method: str) -> None:
    dying = Dying("before a byte")
    async with gate_to(dying, services) as gate:
        answer = await ask(gate, method)
    assert (answer.status_code, answer.json()["outcome"]) == (503, "unknown")
    assert len(dying.asked) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_is_asked_once_more(services: Services, method: str) -> None:
    dying = Dying("before a byte")
    async with gate_to(dying, services) as gate:
        assert (await ask(gate, method)).status_code == 201
    assert len(dying.asked) == 2


@pytest.mark.parametrize("point", ["amid the head", "amid the body"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_answered_in_part_is_not_asked_again(
    services: Services, point: str, method: str
) -> None:
    dying = Dying(point)
    async with gate_to(dying, services) as gate:
        assert (await keyed(gate, method)).status_code == 503
    assert len(dying.asked) == 1


async def test_it_is_asked_once_more_and_not_twice(services: Services) -> None:
    asked = 0

    async def always_dies(reader: StreamReader, _: StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1

    async with (
        broken_service(always_dies) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        answer = await keyed(gate)
    assert (answer.status_code, answer.json()["outcome"]) == (503, "unknown")
    assert REPEAT in answer.json()["detail"]
    assert asked == 2


async def test_a_repeat_goes_by_a_new_connection_past_those_of_a_replica_that_dies(
    services: Services,
) -> None:
    """Two idle connections lead to the dying replica: the second is no place for a repeat."""
    both, dead = asyncio.Barrier(2), False
    asked: list[str] = []

    async def replica(reader: StreamReader, writer: StreamWriter) -> None:
        old = not dead
        await reader.readuntil(b"\r\n\r\n")
        if old:
            await both.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        if old:
            await reader.readuntil(b"\r\n\r\n")
            asked.append("dying")

    async with (
        broken_service(replica) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        await asyncio.gather(ask(gate), ask(gate))
        dead = True
        assert (await ask(gate)).status_code == 200
    assert asked == ["dying"]


async def test_a_write_that_was_sent_is_of_unknown_outcome_even_if_nobody_takes_its_repeat(
    services: Services,
) -> None:
    server: asyncio.Server | None = None

    async def dies_with_its_address(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        assert server is not None
        server.close()
        writer.close()

    server = await asyncio.start_server(dies_with_its_address, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with running_gateway(services.url, clients_url=url) as gate:
        answer = await keyed(gate)
    assert (answer.status_code, answer.json()["outcome"]) == (503, "unknown")


@pytest.mark.parametrize(
    "path", ["/sessions", "/sessions/refres%68", "/users/0198/invitation", "/oauth2/token?a=b"]
)
async def test_what_is_kept_under_no_key_is_not_asked_twice_for_having_one(
    services: Services, path: str
) -> None:
    dying = Dying("before a byte")
    async with gate_to(dying, services) as gate:
        assert (await keyed(gate, path=path)).status_code in {401, 503}
    assert len(dying.asked) <= 1
    assert reason_to_repeat("POST", path.encode(), [(b"idempotency-key", b"k")]) is None


async def test_a_service_that_fails_is_asked_a_tenth_more_and_not_twice() -> None:
    left = Repeats("tested")
    granted = sum(left.spend("read", OSError()) for _ in range(1_000))
    assert granted == 100
    for _ in range(1_000):
        left.earn()
    assert 99 <= sum(left.spend("read", OSError()) for _ in range(1_000)) <= 100
    assert repeats("withheld", "tested") >= 1_800
