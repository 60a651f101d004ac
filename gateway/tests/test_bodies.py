"""Bodies: bounded on the way in, untouched on the way out."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from gateway.tests.world import JSON, Asked, Gateway, Services, answering, running_gateway
from starlette.types import Send

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT = 1_048_576


async def in_chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 1_024):
        yield b"x" * 1_024
    yield b"x" * (total % 1_024)


async def test_a_body_at_the_limit_is_passed_on(gate: Gateway, services: Services) -> None:
    answer = await gate.http.post("/orders", content=b"x" * LIMIT, headers=gate.signed_in)
    assert answer.status_code == 200
    assert len(services.asked[0].body) == LIMIT


async def test_a_chunked_body_is_passed_on_with_its_length(
    gate: Gateway, services: Services
) -> None:
    await gate.http.post("/orders", content=in_chunks(5_000), headers=gate.signed_in)
    (asked,) = services.asked
    assert (len(asked.body), asked.header("Content-Length")) == (5_000, "5000")
    assert asked.header("Transfer-Encoding") is None


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_a_413_problem(
    gate: Gateway, services: Services, chunked: bool
) -> None:
    content = in_chunks(LIMIT + 1) if chunked else b"x" * (LIMIT + 1)
    answer = await gate.http.post("/orders", content=content, headers=gate.signed_in)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert services.asked == []


async def test_a_body_that_is_no_json_is_the_services_to_refuse(
    gate: Gateway, services: Services
) -> None:
    refusal = {"code": "malformed", "errors": [{"field": "body"}]}
    services.answers["/clients/orders"] = answering(refusal, 422)
    answer = await gate.http.post("/orders", content=b"{nonsense", headers=gate.signed_in)
    assert (answer.status_code, answer.json()) == (422, refusal)
    assert services.asked[0].body == b"{nonsense"


async def test_a_body_that_does_not_come_is_408_and_no_service_is_asked(
    services: Services,
) -> None:
    async with running_gateway(services.url, total_timeout_s=0.2) as gate:
        answer = await gate.raw(
            b"POST /sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf"
        )
    assert b" 408 " in answer.split(b"\r\n", 1)[0]
    assert b"body_too_slow" in answer
    assert services.asked == []


async def test_two_meanings_of_a_length_are_refused(gate: Gateway, services: Services) -> None:
    answer = await gate.raw(
        b"POST /sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n"
        b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n"
    )
    assert b" 400 " in answer.split(b"\r\n", 1)[0]
    assert services.asked == []


async def test_a_compressed_answer_is_passed_back_as_it_is(
    gate: Gateway, services: Services
) -> None:
    packed = gzip.compress(b'{"a":1}')
    length = (b"content-length", str(len(packed)).encode())
    services.answers["/clients/clients"] = answering(
        packed, headers=(JSON, length, (b"content-encoding", b"gzip"))
    )
    answer = await gate.get("/clients", Accept_Encoding="gzip")
    assert (answer.json(), answer.headers["Content-Encoding"]) == ({"a": 1}, "gzip")
    assert services.asked[0].header("Accept-Encoding") == "gzip"


async def test_a_large_answer_is_streamed_and_whole(gate: Gateway, services: Services) -> None:
    async def stream(_: Asked, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [JSON]})
        for number in range(200):
            chunk = f"{number:010}".encode() * 1_000
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    services.answers["/clients/clients"] = stream
    answer = await gate.get("/clients")
    assert answer.content == b"".join(f"{number:010}".encode() * 1_000 for number in range(200))


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_stays_one(
    gate: Gateway, services: Services, status: int
) -> None:
    services.answers["/clients/clients"] = answering(b"", status, [(b"etag", b'"1"')])
    answer = await gate.get("/clients")
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (status, b"", '"1"')


async def test_a_head_request_gets_the_length_and_no_body(
    gate: Gateway, services: Services
) -> None:
    services.answers["/clients/clients"] = answering(b"", headers=(JSON, (b"content-length", b"7")))
    answer: httpx.Response = await gate.http.head("/clients", headers=gate.signed_in)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "7"
