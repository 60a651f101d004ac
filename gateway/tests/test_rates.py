"""Limits on how often one address and one caller may ask."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from gateway.tests.world import Gateway, Services, running_gateway

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def limited(services: Services) -> AsyncIterator[Gateway]:
    async with running_gateway(
        services.url, rate_per_address=5, rate_per_caller=2, rate_window_s=600
    ) as gate:
        yield gate


async def test_one_caller_is_refused_and_no_service_is_asked(
    limited: Gateway, services: Services
) -> None:
    headers = limited.signed_in
    answers = [await limited.http.get("/clients", headers=headers) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit"] == '"address";r=4;t=120, "caller";r=1;t=300'
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=5;w=600, "caller";q=2;w=600'
    refused = answers[2]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 300
    assert '"caller";r=0;t=' in refused.headers["RateLimit"]
    assert len(services.asked) == 2
    another = await limited.http.get("/clients", headers=limited.signed_in)
    assert another.status_code == 200


async def test_one_address_is_refused_signed_in_or_not_whatever_it_says_of_itself(
    limited: Gateway, services: Services
) -> None:
    for n in range(5):
        headers = {"X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}"}
        answer = await limited.http.post("/sessions", json={}, headers=headers)
        assert answer.status_code == 200
    headers = {**limited.signed_in, "X-Forwarded-For": "192.0.2.9"}
    assert (await limited.http.get("/clients", headers=headers)).status_code == 429
    assert {asked.header("x-forwarded-for") for asked in services.asked} == {"127.0.0.1"}
    assert (await limited.http.get("/livez")).status_code == 200


async def test_a_composed_view_counts_once(limited: Gateway) -> None:
    target = "/clients/01a21eef-c53d-74c5-ac0b-4caeb80cb3ec/overview"
    answer = await limited.http.get(target, headers=limited.signed_in)
    assert answer.headers["RateLimit"].startswith('"address";r=4')


async def test_without_limits_nothing_is_said_of_them(gate: Gateway) -> None:
    assert "RateLimit" not in (await gate.get("/clients")).headers
