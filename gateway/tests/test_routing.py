"""Whose a path is, and which paths are nobody's."""

import re
from pathlib import Path

import pytest
from gateway.tests.world import Gateway, Services

from florin_gateway.routes import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_first_segment_goes_to_its_owner(gate: Gateway, services: Services) -> None:
    for segment, route in ROUTES.items():
        answer = await gate.get(f"/{segment}/1")
        assert answer.json() == {"path": f"/{route.owner}/{segment}/1"}
    assert len(services.asked) == len(ROUTES)


@pytest.mark.parametrize("path", ["/", "/nothing", "/client", "/Clients", "/florin/clients", "*"])
async def test_a_path_that_nobody_owns_is_a_404_problem(
    gate: Gateway, services: Services, path: str
) -> None:
    answer = await gate.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "no_such_route"
    assert services.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/clients/..%2fmetrics",
        "/clients/..%2Fmetrics",
        "/clients/../metrics",
        "/clients/%2e%2e/metrics",
        "/clients/.%2E/metrics",
        "/clients/%2e%2e%2fmetrics",
        "/clients/%252e%252e%252fmetrics",
        "/clients/..%5cmetrics",
        "/clients/..\\metrics",
        "/clients/./1",
        "/clients/..",
        "/clients//metrics",
        "//metrics",
        "/clients/",
        "/clients/%00",
        "/clients/%0d%0aX:1",
        "/clients/a%7f",
        "/clients/%zz",
        "/%63lients",
        "/%6detrics",
    ],
)
async def test_no_spelling_of_a_path_escapes_the_table(
    gate: Gateway, services: Services, path: str
) -> None:
    answer = await gate.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")
    assert services.asked == []


async def test_path_and_query_are_passed_on_as_they_were_sent(
    gate: Gateway, services: Services
) -> None:
    await gate.get("/clients/a%20b:c~d?x=%2f..%2F&y=%D0%AF&&z=/../")
    (asked,) = services.asked
    assert asked.path == "/clients/clients/a%20b:c~d"
    assert asked.query == "x=%2f..%2F&y=%D0%AF&&z=/../"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
async def test_a_method_that_no_service_answers_is_a_405_problem(
    gate: Gateway, services: Services, method: str
) -> None:
    answer = await gate.http.request(method, "/clients", headers=gate.signed_in)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
    assert services.asked == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_other_method_is_passed_on(
    gate: Gateway, services: Services, method: str
) -> None:
    answer = await gate.http.request(method, "/clients/1", headers=gate.signed_in)
    assert answer.status_code == 200
    assert services.asked[0].method == method


async def test_a_target_over_its_limit_is_a_414_problem(gate: Gateway, services: Services) -> None:
    answer = await gate.get("/clients?x=" + "a" * 8_192)
    assert (answer.status_code, answer.json()["code"]) == (414, "target_too_long")
    assert services.asked == []


async def test_headers_over_their_limit_are_a_431_problem(
    gate: Gateway, services: Services
) -> None:
    answer = await gate.get("/clients", X_Much="a" * 32_768)
    assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")
    assert services.asked == []


async def test_the_readme_says_whose_each_path_is() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z]+) \| ((?:`[^` ]+` ?)+) \|$", readme, re.MULTILINE)
    told = {segment: owner for owner, cell in rows for segment in re.findall(r"`([^`]+)`", cell)}
    assert told == {segment: route.owner for segment, route in ROUTES.items()}
