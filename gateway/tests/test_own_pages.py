"""What the gateway answers itself: documents, Swagger UI, health, metrics."""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from gateway.tests.world import (
    Gateway,
    Services,
    answering,
    closed_port_url,
    running_gateway,
    settings_of,
)
from starlette.routing import BaseRoute, Route

from florin_chassis.revocations import Revocations
from florin_chassis.testing.tokens import ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier
from florin_gateway.app import application
from florin_gateway.pass_through import PassThrough
from florin_gateway.upstream import upstreams

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGES = {"/docs", "/docs/{name}", "/livez", "/openapi.json", "/readyz"}
ID, UUID = str(uuid4()), re.compile(r"\{[a-z_]+_id\}")
SECRET = base64.b64encode(b"k" * 32).decode()


def document(path: str) -> dict[str, Any]:
    answer = {"schema": {"$ref": "#/components/schemas/Answer"}}
    operation = {
        "operationId": "ask",
        "x-permission": "some:read",
        "responses": {"200": {"content": {"application/json": answer}}},
    }
    schemas = {
        "Answer": {
            "properties": {"of": {"type": "array", "items": {"$ref": "#/components/schemas/Of"}}}
        },
        "Of": {"title": path},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {path: {"post": operation}, "/internal": {"get": operation}},
        "components": {"schemas": schemas},
    }


@pytest.fixture(autouse=True)
def documented(services: Services) -> None:
    services.answers |= {
        "/identity/openapi.json": answering(document("/sessions")),
        "/providers/openapi.json": answering(document("/products/{product_id}")),
        "/clients/openapi.json": answering(document("/orders")),
        "/payers/openapi.json": answering(document("/invoices")),
    }


async def read(gate: Gateway) -> dict[str, Any]:
    answer = await gate.http.get("/openapi.json")
    assert answer.status_code == 200, answer.text
    merged: dict[str, Any] = answer.json()
    return merged


async def test_one_document_holds_the_paths_of_all_services_and_the_views(
    services: Services,
) -> None:
    async with running_gateway(services.url) as gate:
        merged = await read(gate)
    assert [path for path in merged["paths"] if path not in PAGES] == [
        "/clients/{client_id}/overview",
        "/invoices",
        "/orders",
        "/products/{product_id}",
        "/sessions",
    ]
    assert merged["x-unavailable"] == []


def routes_of(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """All but what is passed on, also those of routers that were included."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif not isinstance(route, PassThrough):
            yield from routes_of(route.original_router.routes)  # type: ignore[attr-defined]


async def test_every_route_that_the_gateway_answers_itself_is_in_the_document(
    services: Services,
) -> None:
    everything: dict[str, Any] = {"browser_session_secrets": [SECRET], "metrics_exposed": True}
    settings = settings_of(services.url, **everything)
    async with upstreams(settings) as there:
        issuer = Issuer()
        verifier = TokenVerifier(issuer, ISSUER, settings.token_audience, Revocations(300))
        app = application(settings, issuer, verifier, there)
        served = list(routes_of(app.router.routes))
    async with running_gateway(services.url, **everything) as gate:
        paths = (await read(gate))["paths"]
    assert {route.path for route in served} >= PAGES
    for route in served:
        for method in (route.methods or set()) - {"HEAD"}:
            assert [
                path
                for path, item in paths.items()
                if method.lower() in item and route.path_regex.match(UUID.sub(ID, path))
            ], f"{method} {route.path}"


async def test_browsers_sign_in_as_identity_says_and_the_document_repeats_it(
    services: Services,
) -> None:
    step = document("/sessions/second-factor")
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    step["paths"]["/sessions/second-factor"]["post"]["requestBody"] = {"content": content}
    services.answers["/identity/openapi.json"] = answering(step)
    async with running_gateway(services.url, browser_session_secrets=[SECRET]) as gate:
        paths = (await read(gate))["paths"]
    schema = {"$ref": "#/components/schemas/identity.Answer"}
    twin = paths["/browser-sessions/second-factor"]["post"]
    assert twin["requestBody"] == {"content": {"application/json": {"schema": schema}}}
    assert twin["parameters"][0]["name"] == "Florin-CSRF"
    assert "delete" in paths["/browser-sessions"]
    assert "/browser-sessions/refresh" not in paths


async def test_what_is_off_is_not_in_the_document(services: Services) -> None:
    async with running_gateway(services.url) as gate:
        paths = (await read(gate))["paths"]
    assert not [path for path in paths if path.startswith(("/browser-sessions", "/metrics"))]


async def test_schemas_of_one_name_in_two_services_are_kept_apart(services: Services) -> None:
    async with running_gateway(services.url) as gate:
        merged = await read(gate)
    schemas = merged["components"]["schemas"]
    assert schemas["clients.Of"]["title"] == "/orders"
    assert schemas["payers.Of"]["title"] == "/invoices"
    written = str(merged)
    references = set(re.findall(r"#/components/schemas/([\w.]+)", written))
    assert references == {
        f"{o}.{n}" for o in ("identity", "providers", "clients", "payers") for n in ("Answer", "Of")
    }
    assert references <= set(schemas)


async def test_the_document_says_which_operations_need_a_token(services: Services) -> None:
    async with running_gateway(services.url) as gate:
        paths = (await read(gate))["paths"]
    assert paths["/sessions"]["post"]["security"] == []
    assert paths["/orders"]["post"]["security"] == [{"bearer": []}]
    assert paths["/clients/{client_id}/overview"]["get"]["security"] == [{"bearer": []}]


@pytest.mark.parametrize(
    "respond", [answering({}, 500), answering(b"nonsense"), answering([]), answering({"paths": 1})]
)
async def test_a_document_that_cannot_be_read_is_named_and_the_others_are_there(
    services: Services, respond: Any
) -> None:
    services.answers["/payers/openapi.json"] = respond
    async with running_gateway(services.url, providers_url=closed_port_url()) as gate:
        merged = await read(gate)
    assert merged["x-unavailable"] == ["providers", "payers"]
    assert "/orders" in merged["paths"]


async def test_a_service_that_goes_down_keeps_its_place_in_the_document(
    services: Services,
) -> None:
    async with running_gateway(services.url, documents_fresh_s=0) as gate:
        first = await read(gate)
        services.answers["/payers/openapi.json"] = answering({}, 503)
        assert await read(gate) == first


async def test_the_services_are_not_asked_again_while_the_document_is_fresh(
    services: Services,
) -> None:
    async with running_gateway(services.url) as gate:
        await read(gate)
        await read(gate)
    assert len(services.asked) == 4


async def test_the_documents_page_needs_nothing_from_elsewhere(gate: Gateway) -> None:
    page = await gate.http.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "://" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        answer = await gate.http.get(link)
        assert answer.status_code == 200, link
        assert answer.content
    assert "/openapi.json" in (await gate.http.get("/docs/start.js")).text


@pytest.mark.parametrize("name", ["other.js", "..%2f__init__.py", "%2e%2e/__init__.py"])
async def test_only_the_pages_own_files_are_served(gate: Gateway, name: str) -> None:
    assert (await gate.get(f"/docs/{name}")).status_code == 404


async def test_documents_can_be_closed(services: Services) -> None:
    async with running_gateway(services.url, documents_served=False) as gate:
        for path in ("/docs", "/openapi.json", "/docs/swagger-ui.css"):
            assert (await gate.http.get(path)).status_code == 404
    assert services.asked == []


async def test_metrics_are_hidden_unless_a_setting_opens_them(
    gate: Gateway, services: Services
) -> None:
    for path in ("/metrics", "/%6detrics"):
        assert (await gate.get(path)).status_code == 404
    async with running_gateway(services.url, metrics_exposed=True) as opened:
        await opened.get("/clients")
        metrics = (await opened.http.get("/metrics")).text
    assert 'route="/clients/*"' in metrics


async def test_it_is_alive_and_ready(gate: Gateway) -> None:
    assert (await gate.http.get("/livez")).json() == {"status": "alive"}
    ready = await gate.http.get("/readyz")
    parts = {"keys": "ready", "revocations": "ready"}
    assert (ready.status_code, ready.json()["parts"]) == (200, parts)
