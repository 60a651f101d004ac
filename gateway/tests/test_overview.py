"""`/clients/{id}/overview`: all parts at once, none of them more than the caller may see."""

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gateway.tests.test_faults import breaks_off_a_large_body, never_answers
from gateway.tests.world import (
    JSON,
    Gateway,
    Services,
    answering,
    broken_service,
    closed_port_url,
    running_gateway,
)

from florin_gateway.views import VIEWS

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLIENT = str(uuid4())
PARTS = [part.name for part in VIEWS[0].parts]
OF_PAYERS = ["payers", "accounts", "invoices", "payments", "expenses"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def page(*ids: int) -> dict[str, Any]:
    return {"data": [{"id": id_} for id_ in ids], "has_more": False, "next_cursor": None}


@pytest.fixture(autouse=True)
def whole(services: Services) -> None:
    """A client of whom every service knows something."""
    services.answers |= {
        f"/clients/clients/{CLIENT}": answering({"id": CLIENT, "name": "Acme"}),
        f"/clients/clients/{CLIENT}/users": answering(page(1, 2)),
        "/clients/services": answering(page(3)),
        "/clients/orders": answering(page(4)),
        **{f"/payers/{name}": answering(page(5)) for name in OF_PAYERS},
    }


async def overview(gate: Gateway, **headers: str) -> httpx.Response:
    async with asyncio.timeout(5):
        return await gate.get(f"/clients/{CLIENT}/overview", **headers)


async def test_it_holds_every_part_as_its_owner_answers_it(gate: Gateway) -> None:
    answer = await overview(gate)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "client": {"id": CLIENT, "name": "Acme"},
        "users": page(1, 2),
        "services": page(3),
        "orders": page(4),
        **dict.fromkeys(OF_PAYERS, page(5)),
        "withheld": [],
        "unavailable": [],
    }


async def test_each_list_is_asked_for_this_client_and_its_first_200(
    gate: Gateway, services: Services
) -> None:
    await overview(gate)
    lists = {asked.path: asked.query for asked in services.asked if "limit" in asked.query}
    assert len(lists) == len(PARTS) - 1
    for path, query in lists.items():
        of_client = CLIENT in path or f"client_id={CLIENT}&" in query
        assert of_client, path
        assert query.endswith("limit=200")


async def test_each_part_is_asked_as_the_caller_and_in_its_trace(
    gate: Gateway, services: Services
) -> None:
    headers = gate.signed_in | {
        "Florin-Position": "clients-client/1",
        "Request-Id": "r-1",
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "Idempotency-Key": "k",
        "If-None-Match": '"1"',
    }
    await gate.http.get(f"/clients/{CLIENT}/overview", headers=headers)
    assert len(services.asked) == len(PARTS)
    for asked in services.asked:
        for name in ("Authorization", "Florin-Position", "Request-Id"):
            assert asked.header(name) == headers[name]
        assert f"-{TRACE}-" in (asked.header("traceparent") or "")
        assert len([n for n, _ in asked.headers if n == "traceparent"]) == 1
        assert asked.header("If-None-Match") is None
        assert asked.header("Idempotency-Key") is None


async def test_its_parts_are_asked_at_the_same_time(gate: Gateway, services: Services) -> None:
    """Each part waits until all have been asked; one after the other would never end."""
    everybody = asyncio.Event()

    def counting(respond: Any) -> Any:
        async def once_all_are_there(asked: Any, send: Any) -> None:
            if len(services.asked) == len(PARTS):
                everybody.set()
            await everybody.wait()
            await respond(asked, send)

        return once_all_are_there

    services.answers = {path: counting(respond) for path, respond in services.answers.items()}
    assert (await overview(gate)).json()["unavailable"] == []


@pytest.mark.parametrize("status", [401, 403, 404, 503])
async def test_what_is_said_of_the_client_is_said_of_the_view(
    gate: Gateway, services: Services, status: int
) -> None:
    said = [(b"content-type", b"application/problem+json"), (b"retry-after", b"2")]
    problem = {"code": "said_by_clients", "status": status}
    services.answers[f"/clients/clients/{CLIENT}"] = answering(problem, status, said)
    answer = await overview(gate)
    assert (answer.status_code, answer.json()) == (status, problem)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"


async def test_a_refused_view_leaves_its_other_parts_at_once(services: Services) -> None:
    services.answers[f"/clients/clients/{CLIENT}"] = answering({"code": "not_found"}, 404)
    left = asyncio.Event()

    async def is_left(reader: StreamReader, _: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()
        left.set()

    async with (
        broken_service(is_left) as url,
        running_gateway(services.url, payers_url=url) as gate,
        asyncio.timeout(4),  # part_timeout_s is 5
    ):
        assert (await overview(gate)).status_code == 404
        await left.wait()


async def test_without_the_clients_service_there_is_no_view(services: Services) -> None:
    async with running_gateway(services.url, clients_url=closed_port_url()) as gate:
        answer = await overview(gate)
    assert (answer.status_code, answer.json()["service"]) == (503, "clients")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_part_that_the_caller_may_not_see_is_withheld(
    gate: Gateway, services: Services, status: int
) -> None:
    services.answers["/payers/invoices"] = answering({"code": "forbidden"}, status)
    seen = (await overview(gate)).json()
    assert (seen["invoices"], seen["payments"]) == (None, page(5))
    assert (seen["withheld"], seen["unavailable"]) == (["invoices"], [])


@pytest.mark.parametrize(
    "respond",
    [
        answering({"code": "internal"}, 500),
        answering({"code": "unavailable"}, 503),
        answering(b"<html>", headers=[(b"content-type", b"text/html")]),
        answering(b"", 204, [JSON]),
    ],
)
async def test_a_part_that_cannot_be_had_is_unavailable(
    gate: Gateway, services: Services, respond: Any
) -> None:
    services.answers["/payers/invoices"] = respond
    seen = (await overview(gate)).json()
    assert (seen["invoices"], seen["payments"]) == (None, page(5))
    assert (seen["withheld"], seen["unavailable"]) == ([], ["invoices"])


async def test_a_service_that_is_down_takes_only_its_own_parts_away(services: Services) -> None:
    async with running_gateway(services.url, payers_url=closed_port_url()) as gate:
        seen = (await overview(gate)).json()
    assert seen["unavailable"] == OF_PAYERS
    assert seen["users"] == page(1, 2)


@pytest.mark.parametrize("behave", [never_answers, breaks_off_a_large_body])
async def test_a_service_that_is_slow_or_broken_takes_only_its_own_parts_away(
    services: Services, behave: Any
) -> None:
    async with (
        broken_service(behave) as url,
        running_gateway(services.url, payers_url=url, part_timeout_s=0.3) as gate,
    ):
        seen = (await overview(gate)).json()
    assert seen["unavailable"] == OF_PAYERS


async def test_a_stale_part_makes_the_view_stale(gate: Gateway, services: Services) -> None:
    assert "Florin-Stale" not in (await overview(gate)).headers
    services.answers["/payers/accounts"] = answering(
        page(), headers=(JSON, (b"florin-stale", b"true"))
    )
    assert (await overview(gate)).headers["Florin-Stale"] == "true"


async def test_it_needs_a_token(gate: Gateway, services: Services) -> None:
    assert (await gate.http.get(f"/clients/{CLIENT}/overview")).status_code == 401
    assert services.asked == []


async def test_an_id_that_is_none_is_the_services_to_refuse(
    gate: Gateway, services: Services
) -> None:
    await gate.get("/clients/nobody/overview")
    assert [asked.path for asked in services.asked] == ["/clients/clients/nobody/overview"]


async def test_a_write_to_a_view_is_the_services_to_refuse(
    gate: Gateway, services: Services
) -> None:
    await gate.http.post(f"/clients/{CLIENT}/overview", headers=gate.signed_in)
    assert [asked.method for asked in services.asked] == ["POST"]
