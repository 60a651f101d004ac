"""What a caller writes into headers, targets and frames is not what a service takes for ours."""

import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest
from tests.e2e.answers import problem, read
from tests.e2e.people import Newcomer

from florin_local.demo.tale import Tale
from florin_local.stack import Stack

END = b"\r\n\r\n"


def raw(stack: Stack, request: bytes) -> bytes:
    """All that comes back for these very bytes."""
    address = urlsplit(stack.gateway_url)
    with closing(socket.create_connection((address.hostname, address.port), 10)) as connection:
        connection.sendall(request)
        received = b""
        with suppress(TimeoutError, ConnectionResetError):  # it may be kept for another request
            while chunk := connection.recv(65_536):
                received += chunk
    return received


def statuses(received: bytes) -> list[int]:
    """Of all answers on the connection."""
    parts = received.split(b"HTTP/1.1 ")[1:]
    return [int(part[:3]) for part in parts]


def test_two_sets_of_credentials_are_refused(
    http: httpx.Client, tale: Tale, victim: Newcomer
) -> None:
    tokens = [tale.client.token(), victim.person.token()]
    for first, second in (tokens, tokens[::-1]):
        headers = [("Authorization", f"Bearer {first}"), ("authorization", f"Bearer {second}")]
        problem(http.get("/me", headers=headers), 401, "unauthenticated")
    joined = {"Authorization": f"Bearer {tokens[0]}, Bearer {tokens[1]}"}
    problem(http.get("/me", headers=joined), 401, "unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "203.0.113.7, 127.0.0.1"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"X_Forwarded_For": "203.0.113.7"},
        {"X-Forwarded-For": "203.0.113.7", "Connection": "x-forwarded-for"},
    ],
)
def test_a_session_is_seen_to_come_from_where_it_does(
    http: httpx.Client, victim: Newcomer, headers: dict[str, str]
) -> None:
    person = victim.person
    body = {"email": person.email, "password": person.password}
    session = http.post("/sessions", json=body, headers=headers).json()
    listed = read(http, session["access_token"], "/sessions").json()["data"]
    (mine,) = (row for row in listed if row["id"] == session["session_id"])
    assert mine["address"] == "127.0.0.1"


def test_what_would_be_a_service_s_own_word_is_only_a_caller_s(
    http: httpx.Client, tale: Tale, victim: Newcomer
) -> None:
    me = victim.person.get("/me")
    for header in ("X-User-Id", "X-Actor", "Actor", "On-Behalf-Of", "X-Original-URL", "Host"):
        headers = {
            "Authorization": f"Bearer {victim.person.token()}",
            header: tale.administrator.get("/me")["user_id"],
        }
        assert http.get("/me", headers=headers).json() == me, header
    for method in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        headers = {"Authorization": f"Bearer {victim.person.token()}", method: "DELETE"}
        assert http.get("/sessions", headers=headers).status_code == 200


def test_credentials_that_are_declared_to_be_for_the_next_hop_only_open_nothing(
    http: httpx.Client, victim: Newcomer
) -> None:
    headers = {"Authorization": f"Bearer {victim.person.token()}", "Connection": "authorization"}
    assert http.get("/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "frame",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4",
        b"Content-Length: 4\r\nContent-Length: 40",
        b"Content-Length: +4",
        b"Content-Length: 4 4",
        b"Content-Length: -1",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding:\x0bchunked",
    ],
)
def test_a_request_within_a_request_is_never_answered(stack: Stack, frame: bytes) -> None:
    """Whatever the frame is taken for, what is smuggled in its body stays a body."""
    inner = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n"
    body = b"0\r\n\r\n" + inner
    request = b"POST /sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    received = raw(stack, request + frame + END + body)
    assert [status // 100 for status in statuses(received)] == [4], received[:300]
    assert b'"keys"' not in received


@pytest.mark.parametrize(
    "target",
    [
        b"/clients/../users",
        b"/clients/%2e%2e/users",
        b"/clients/..%2fusers",
        b"//users",
        b"/clients//",
        b"/clients/%00",
        b"/clients\\..\\users",
        b"/%75sers/..",
        b"/clients;/users",
        b"/.%2e/metrics",
        b"/metrics",
        b"/clients/%252e%252e/users",
        b"/CLIENTS/../users",
    ],
)
def test_a_target_of_two_meanings_has_none(stack: Stack, victim: Newcomer, target: bytes) -> None:
    head = b"Host: x\r\nConnection: close\r\nAuthorization: Bearer "
    token = victim.person.token().encode()
    received = raw(stack, b"GET " + target + b" HTTP/1.1\r\n" + head + token + END)
    assert statuses(received) in ([404], [400], [422]), received[:300]


@pytest.mark.parametrize("line", [b"X: a\r\n b", b"X:\x00", b"X\x00: a", b": a", b"X: a\nY: b"])
def test_a_header_that_is_none_reaches_no_service(stack: Stack, line: bytes) -> None:
    request = b"GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + line + END
    assert statuses(raw(stack, request))[:1] in ([400], [401]), line


def test_more_than_is_read_is_refused(http: httpx.Client, victim: Newcomer) -> None:
    token = victim.person.token()
    assert read(http, "a" * 9_000, "/me").status_code == 401
    assert read(http, "a" * 40_000, "/me").status_code in {400, 431}
    headers = {"Authorization": f"Bearer {token}"}
    assert http.get("/me?" + "a" * 9_000, headers=headers).status_code == 414
