"""Services that are down, slow or broken; the gateway answers in time and says which it was."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable

import httpx
import pytest
from gateway.tests.world import (
    Gateway,
    Services,
    answering,
    broken_service,
    closed_port_url,
    running_gateway,
    waiting,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPEAT = "repeat the request with the same Idempotency-Key"
Behave = Callable[[StreamReader, StreamWriter], Awaitable[None]]


async def never_answers(reader: StreamReader, _: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.Event().wait()


async def hangs_up(reader: StreamReader, _: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def speaks_no_http(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.test ESMTP\r\n\r\n")
    await writer.drain()


async def breaks_off_a_small_body(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":')
    await writer.drain()


async def breaks_off_a_large_body(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 500_000)
    await writer.drain()


async def stands_still_in_a_large_body(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await writer.drain()
    await asyncio.Event().wait()


async def ask(
    gate: Gateway, method: str = "GET", path: str = "/clients", **options: object
) -> httpx.Response:
    async with asyncio.timeout(3):
        return await gate.http.request(method, path, headers=gate.signed_in, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_that_is_down_is_503_naming_it(services: Services, method: str) -> None:
    async with running_gateway(services.url, clients_url=closed_port_url()) as gate:
        answer = await ask(gate, method)
        other = await ask(gate, method, "/payers")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["service"]) == ("service_unavailable", "clients")
    assert "outcome" not in problem  # nothing was sent: there is nothing to find out
    assert other.status_code == 200


async def test_a_slow_read_is_504_within_the_limit(services: Services) -> None:
    async with (
        broken_service(never_answers) as url,
        running_gateway(services.url, clients_url=url, total_timeout_s=0.2) as gate,
    ):
        answer = await ask(gate)
    assert (answer.status_code, answer.json()["code"]) == (504, "service_timeout")
    assert answer.json()["service"] == "clients"
    assert "outcome" not in answer.json()


async def test_a_slow_write_is_504_and_says_how_to_find_out(services: Services) -> None:
    async with (
        broken_service(never_answers) as url,
        running_gateway(services.url, clients_url=url, total_timeout_s=0.2) as gate,
    ):
        answer = await ask(gate, "POST", json={"a": 1})
    assert answer.status_code == 504
    assert answer.headers["Retry-After"]
    assert answer.json()["outcome"] == "unknown"
    assert REPEAT in answer.json()["detail"]


async def test_a_service_that_hangs_takes_no_connection_from_the_others(
    services: Services,
) -> None:
    async with (
        broken_service(never_answers) as url,
        running_gateway(
            services.url, clients_url=url, total_timeout_s=0.5, connections_max=2
        ) as gate,
    ):
        hanging = [asyncio.ensure_future(ask(gate)) for _ in range(6)]
        assert (await ask(gate, path="/payers")).status_code == 200
        statuses = {answer.status_code for answer in await asyncio.gather(*hanging)}
    assert statuses <= {503, 504}


@pytest.mark.parametrize("behave", [hangs_up, speaks_no_http, breaks_off_a_small_body])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_that_is_lost_is_503(
    services: Services, behave: Behave, method: str
) -> None:
    async with (
        broken_service(behave) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        answer = await ask(gate, method)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert (REPEAT in answer.json()["detail"]) is (method == "POST")


@pytest.mark.parametrize("behave", [breaks_off_a_large_body, stands_still_in_a_large_body])
async def test_a_large_answer_that_ends_early_is_not_taken_for_a_whole_one(
    services: Services, behave: Behave
) -> None:
    async with (
        broken_service(behave) as url,
        running_gateway(services.url, clients_url=url, total_timeout_s=0.2) as gate,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(gate)


async def test_a_service_that_comes_back_is_asked_again_at_once(services: Services) -> None:
    failing = True

    async def recovers(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not failing:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            await writer.drain()

    async with (
        broken_service(recovers) as url,
        running_gateway(services.url, clients_url=url) as gate,
    ):
        assert (await ask(gate)).status_code == 503
        failing = False
        assert (await ask(gate)).status_code == 200


async def test_a_services_own_problem_is_passed_on_unchanged(
    gate: Gateway, services: Services
) -> None:
    problem = {"code": "unknown_plan", "status": 409, "detail": "no such plan"}
    services.answers["/clients/orders"] = answering(
        problem, 409, [(b"content-type", b"application/problem+json"), (b"retry-after", b"7")]
    )
    answer = await ask(gate, "POST", "/orders")
    assert (answer.status_code, answer.json()) == (409, problem)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "7"


async def test_headers_that_http_does_not_allow_are_refused_and_not_called_a_fault(
    gate: Gateway, services: Services
) -> None:
    token = gate.issuer.token().encode()
    request = b"GET /clients HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer "
    answer = await gate.raw(request + token + b"\r\nx-odd: a\x01b\r\n\r\n")
    assert answer.split(b" ", 2)[1] in {b"400", b"422"}
    assert services.asked == []


async def test_a_caller_that_hangs_up_leaves_the_gateway_serving(
    gate: Gateway, services: Services
) -> None:
    released = asyncio.Event()
    services.answers["/clients/clients"] = waiting(released, answering({}))
    asking = asyncio.ensure_future(ask(gate))
    await services.arrived.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    released.set()
    assert (await ask(gate, path="/payers")).status_code == 200
