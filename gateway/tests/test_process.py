"""`python -m florin_gateway`, as a process of its own."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from gateway.tests.world import Services, answering, waiting

from florin_chassis.testing.tokens import ISSUER
from florin_gateway.settings import SERVICES

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def run(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "florin_gateway",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def started(
    services: Services, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {f"FLORIN_{name.upper()}_URL": f"{services.url}/{name}" for name in SERVICES}
    told |= {
        "FLORIN_HTTP_PORT": str(port),
        "FLORIN_JWKS_URL": f"{services.url}/identity/.well-known/jwks.json",
        "FLORIN_TOKEN_ISSUER": ISSUER,
        "FLORIN_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "florin_gateway", "api"),
        env={**os.environ, **told, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await logged(process, "running on")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def logged(process: asyncio.subprocess.Process, words: str) -> None:
    """Return when the process has written a line with these words."""
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while line := await process.stderr.readline():
            if words in line.decode():
                return
    raise AssertionError(f"the process ended without saying {words!r}")


async def test_help_names_its_processes() -> None:
    code, out, _ = await run("--help")
    assert code == 0
    assert "api" in out
    assert "openapi" in out


async def test_openapi_prints_what_is_answered_here_and_needs_no_settings() -> None:
    code, out, _ = await run("openapi")
    assert code == 0
    assert {"/browser-sessions", "/clients/{client_id}/overview"} <= set(json.loads(out)["paths"])


async def test_a_setting_that_is_missing_or_wrong_is_named() -> None:
    code, _, err = await run("api", FLORIN_CLIENTS_URL="nonsense")
    assert code == 2
    assert "FLORIN_CLIENTS_URL: " in err
    assert "FLORIN_PAYERS_URL: Field required" in err


async def test_told_to_stop_it_first_answers_what_is_under_way(services: Services) -> None:
    released = asyncio.Event()
    services.answers["/identity/sessions"] = waiting(released, answering({"late": True}, 201))
    async with (
        started(services, FLORIN_DRAIN_S="0") as (process, url),
        httpx.AsyncClient(trust_env=False) as http,
    ):
        asking = asyncio.ensure_future(http.post(f"{url}/sessions"))
        await services.arrived.wait()
        process.terminate()
        await logged(process, "Shutting down")
        released.set()
        answer = await asking
        assert (answer.status_code, answer.json()) == (201, {"late": True})
        assert await process.wait() == 0


async def test_told_to_stop_it_answers_on_and_lets_no_connection_be_kept(
    services: Services,
) -> None:
    """A request on its way over an idle connection is answered, and not cut off unseen."""
    async with started(services, FLORIN_DRAIN_S="2") as (process, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            before = await http.get("/livez")
            process.terminate()
            await not_ready(http)
            kept, last = await http.post("/sessions"), await http.post("/sessions")
        assert "Connection" not in before.headers
        for answer in (kept, last):
            assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        assert await process.wait() == 0


async def not_ready(http: httpx.AsyncClient) -> None:
    """Return when `/readyz` says that the server stops."""
    async with asyncio.timeout(30):
        while True:
            answer = await http.get("/readyz")
            if answer.json()["parts"].get("server") == "stopping":
                assert answer.status_code == 503
                return
