"""Serves HTTP until it is told to stop, and answers first what it was asked before."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from florin_chassis.http.health import STOPPING
from florin_chassis.settings import HttpSettings

GRACE_S = 20.0
"""How long what is under way may take to finish after a stop was asked for."""

KEEP_ALIVE_S: Final = 75
"""Longer than callers keep idle connections, balancers' 60 s among them: who closes one first is
who knows that nothing is on its way over it."""

_LAST: Final = (b"connection", b"close")


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the whole process stops in our order."""

    def drain(self) -> None:
        """Let every answer be the last of its connection, and `/readyz` say no.

        uvicorn alone closes idle connections at once, on which requests may be on their way: their
        callers cannot know whether they were handled.
        """
        self.config.encoded_headers.append(_LAST)
        self.server_state.default_headers.append(_LAST)
        self.lifespan.state[STOPPING] = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def http_server(app: ASGIApp, settings: HttpSettings) -> Server:
    """A server for the application, on the address that the settings name."""
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="none",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=int(GRACE_S),
        timeout_keep_alive=KEEP_ALIVE_S,
        server_header=False,
        # Left to itself uvicorn believes whatever a caller on this machine says about itself.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        backlog=2_048,
    )
    return Server(config)


async def serve_until(server: Server, drain_s: float, *endings: asyncio.Event) -> None:
    """Serve until one of the events, and `drain_s` on; requests under way are answered first."""
    waits = [asyncio.ensure_future(ending.wait()) for ending in endings]
    serving = asyncio.ensure_future(server.serve())
    await asyncio.wait({serving, *waits}, return_when=asyncio.FIRST_COMPLETED)
    if server.started and drain_s:
        server.drain()
        await asyncio.wait({serving}, timeout=drain_s)
    server.should_exit = True
    await serving
    for wait in waits:
        wait.cancel()


def stop_signal() -> asyncio.Event:
    """Set when the process is told to stop."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
