"""The world around the gateway in a test: services that answer over real sockets, and callers."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from florin_chassis.published_keys import KeySource
from florin_chassis.serving import http_server
from florin_chassis.testing.tokens import ISSUER, Issuer
from florin_gateway.app import gateway
from florin_gateway.settings import SERVICES, Settings

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Asked:
    """A request as a service got it. Its path begins with the service's name."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for n, value in self.headers if n == name.lower()]
        return values[0] if values else None


Respond = Callable[[Asked, Send], Awaitable[None]]


def answering(
    body: Any, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = (JSON,)
) -> Respond:
    """Answer like this; chunked unless a length is among the headers."""

    async def respond(_: Asked, send: Send) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": content})

    return respond


def waiting(for_: asyncio.Event, then: Respond) -> Respond:
    """Answer, but not before the event."""

    async def respond(asked: Asked, send: Send) -> None:
        await for_.wait()
        await then(asked, send)

    return respond


@dataclass
class Services:
    """All four services behind one address, told apart by the first part of the path."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Respond] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """Forget what was asked and how to answer."""
        self.asked.clear()
        self.answers.clear()
        self.arrived.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        asked = Asked(
            scope["method"],
            scope["raw_path"].decode(),
            scope["query_string"].decode(),
            [(n.decode(), v.decode("latin-1")) for n, v in scope["headers"]],
            body,
        )
        self.asked.append(asked)
        self.arrived.set()
        await self.answers.get(asked.path, answering({"path": asked.path}))(asked, send)


@dataclass
class Gateway:
    """A running gateway: who asks it, where it is, and who signs tokens that it accepts."""

    http: httpx.AsyncClient
    port: int
    issuer: Issuer

    @property
    def signed_in(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token()}"}

    async def get(self, target: str, **headers: str) -> httpx.Response:
        """Ask as someone signed in, for a target that is sent exactly as written."""
        extensions = {"target": target.encode()}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.get("/", headers=self.signed_in | names, extensions=extensions)

    async def raw(self, request: bytes) -> bytes:
        """All that comes back for these very bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()


def settings_of(services_url: str, **overrides: Any) -> Settings:
    urls = {f"{name}_url": f"{services_url}/{name}" for name in SERVICES}
    given: dict[str, Any] = {
        "jwks_url": "http://127.0.0.1:1/",
        "token_issuer": ISSUER,
        "kafka_bootstrap": "127.0.0.1:1",
        "http_port": 0,
    }
    return Settings(**(given | urls | overrides))


@asynccontextmanager
async def served(app: ASGIApp, settings: Settings) -> AsyncIterator[int]:
    """Serve on a free port until the block ends. The socket listens at once: no waiting."""
    # With its protocol named: asyncio turns Nagle's algorithm off for no others.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = http_server(app, settings)
    server.config.timeout_graceful_shutdown = 1
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running_services() -> AsyncIterator[Services]:
    services = Services()
    async with served(services, settings_of("http://127.0.0.1:1")) as port:
        services.url = f"http://127.0.0.1:{port}"
        yield services


@asynccontextmanager
async def running_gateway(
    services_url: str, keys: KeySource | None = None, **overrides: Any
) -> AsyncIterator[Gateway]:
    settings, issuer = settings_of(services_url, **overrides), Issuer()
    async with (
        gateway(settings, keys or issuer) as app,
        served(app, settings) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield Gateway(http, port, issuer)


@asynccontextmanager
async def broken_service(
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A service that speaks TCP as it likes; the connection is closed when `behave` returns."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await behave(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the test, or the gateway, has had enough
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


def closed_port_url() -> str:
    """Where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"
