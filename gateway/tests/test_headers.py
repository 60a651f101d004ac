"""Which headers cross the gateway, and which it adds."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from gateway.tests.world import (
    JSON,
    Gateway,
    Services,
    answering,
    running_gateway,
    settings_of,
)
from pydantic import ValidationError

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_sane_request_id_is_kept_and_passed_on(gate: Gateway, services: Services) -> None:
    answer = await gate.get("/clients", Request_Id="panel-17.b_2")
    assert answer.headers.get_list("Request-Id") == ["panel-17.b_2"]
    assert services.asked[0].header("Request-Id") == "panel-17.b_2"


@pytest.mark.parametrize("sent", ["", "a b", "a" * 129, "<script>", "a\tb", "\xe9"])
async def test_any_other_request_id_is_replaced(
    gate: Gateway, services: Services, sent: str
) -> None:
    name = b"Request-Id"
    headers = {key.encode(): value.encode() for key, value in gate.signed_in.items()}
    answer = await gate.http.get("/clients", headers=headers | {name: sent.encode("latin-1")})
    made = answer.headers["Request-Id"]
    assert UUID(made).version == 7
    assert services.asked[0].header("Request-Id") == made


async def test_two_request_ids_are_none(gate: Gateway) -> None:
    answer = await gate.http.get("/nothing", headers=[("Request-Id", "a"), ("Request-Id", "b")])
    assert UUID(answer.headers["Request-Id"]).version == 7


@pytest.mark.parametrize("path", ["/nothing", "/clients", "/livez", "/openapi.json", "/docs"])
async def test_every_answer_carries_a_request_id_and_security_headers(
    gate: Gateway, path: str
) -> None:
    headers = (await gate.http.get(path, headers={"Request-Id": "abc"})).headers
    assert headers["Request-Id"] == "abc"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


async def test_behind_tls_browsers_are_told_to_stay_there(services: Services) -> None:
    async with running_gateway(services.url, trusted_proxies=["127.0.0.1"]) as gate:
        answer = await gate.http.get("/livez", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def test_hop_by_hop_headers_stop_at_the_gateway(gate: Gateway, services: Services) -> None:
    services.answers["/clients/clients"] = answering(
        {}, headers=(JSON, (b"keep-alive", b"x"), (b"server", b"x"), (b"x-powered-by", b"x"))
    )
    answer = await gate.get(
        "/clients",
        Connection="keep-alive, X-Secret",
        X_Secret="1",
        Keep_Alive="5",
        TE="trailers",
        Trailer="X",
        Proxy_Authorization="Basic x",
        X_Kept="1",
    )
    asked = services.asked[0]
    gone = ("X-Secret", "Keep-Alive", "TE", "Trailer", "Proxy-Authorization", "Upgrade")
    assert [name for name in gone if asked.header(name)] == []
    assert asked.header("X-Kept") == "1"
    assert not {"server", "keep-alive", "x-powered-by"} & set(answer.headers)
    assert len(answer.headers.get_list("Date")) == 1


async def test_what_the_services_rely_on_is_passed_on(gate: Gateway, services: Services) -> None:
    sent = {
        "Idempotency-Key": "k-1",
        "If-Match": '"3"',
        "Florin-Position": "clients-client/0192",
        "Accept-Language": "de",
        **gate.signed_in,
    }
    await gate.http.post("/orders", json={"a": 1}, headers=sent)
    (asked,) = services.asked
    assert {name: asked.header(name) for name in sent} == sent
    assert (asked.method, asked.body) == ("POST", b'{"a":1}')


async def test_what_the_services_say_is_passed_back(gate: Gateway, services: Services) -> None:
    said = ((b"etag", b'"4"'), (b"florin-position", b"a/b"), (b"idempotency-replayed", b"true"))
    services.answers["/clients/orders"] = answering({"id": 1}, 201, (JSON, *said))
    answer = await gate.http.post("/orders", headers=gate.signed_in)
    assert (answer.status_code, answer.json()) == (201, {"id": 1})
    assert [answer.headers[name.decode()].encode() for name, _ in said] == [v for _, v in said]


async def test_who_asked_is_said_by_the_gateway_and_not_by_the_caller(
    services: Services,
) -> None:
    async with running_gateway(services.url) as gate:
        await gate.get(
            "/clients",
            Forwarded="for=6.6.6.6",
            X_Forwarded_For="6.6.6.6",
            X_Forwarded_Proto="https",
            X_Real_IP="6.6.6.6",
            Host="panel.test",
        )
    asked = services.asked[0]
    assert asked.header("X-Forwarded-For") == "127.0.0.1"
    assert asked.header("X-Forwarded-Proto") == "http"
    assert asked.header("X-Forwarded-Host") == "panel.test"
    assert asked.header("Host") == services.url.removeprefix("http://")
    assert (asked.header("Forwarded"), asked.header("X-Real-IP")) == (None, None)


async def test_a_proxy_that_is_trusted_says_who_asked_and_its_caller_does_not(
    services: Services,
) -> None:
    async with running_gateway(services.url, trusted_proxies=["127.0.0.0/8"]) as gate:
        await gate.get("/clients", X_Forwarded_For="6.6.6.6, 2001:db8::7, 127.0.0.9")
    assert services.asked[0].header("X-Forwarded-For") == "2001:db8::7"


@pytest.mark.parametrize("proxies", [["*"], ["proxy.test"], ["10.0.0.1/8"]])
async def test_what_is_trusted_is_named_by_address(proxies: list[str]) -> None:
    with pytest.raises(ValidationError):
        settings_of("http://127.0.0.1:1", trusted_proxies=proxies)


async def test_a_trace_goes_on_with_a_span_of_the_gateways_own(
    gate: Gateway, services: Services
) -> None:
    await gate.get("/clients", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
    came = services.asked[0].header("traceparent")
    assert came is not None
    _, trace, _, _ = came.split("-")
    assert trace == TRACE


async def test_other_origins_are_told_nothing_unless_a_setting_names_them(
    services: Services,
) -> None:
    preflight = {"Origin": "https://panel.test", "Access-Control-Request-Method": "POST"}

    async def ask(**settings: Any) -> httpx.Response:
        async with running_gateway(services.url, **settings) as gate:
            return await gate.http.options("/orders", headers=preflight)

    closed = await ask()
    assert closed.status_code == 401
    assert "Access-Control-Allow-Origin" not in closed.headers
    opened = await ask(cors_origins=("https://panel.test",))
    assert opened.headers["Access-Control-Allow-Origin"] == "https://panel.test"
    assert "Access-Control-Allow-Credentials" not in opened.headers
    other = await ask(cors_origins=("https://other.test",))
    assert "Access-Control-Allow-Origin" not in other.headers
