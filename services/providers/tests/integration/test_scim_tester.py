"""An outside tester of SCIM servers finds nothing to say against the real service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from scim2_tester.utils import CheckResult
from services.providers.tests.making import administrator
from services.providers.tests.receiver import until

from florin_chassis.processes import service_app
from florin_chassis.testing.harness import Harness
from florin_providers.service import service

PASSED = {Status.SUCCESS, Status.COMPLIANT}


@asynccontextmanager
async def served(providers: Harness) -> AsyncIterator[str]:
    """The service's application behind a real port, for clients that are not of this loop."""
    app = await service_app(service, providers.runtime)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def checked(providers: Harness) -> list[CheckResult]:
    async with served(providers) as url:
        headers = administrator(providers)

        def check() -> list[CheckResult]:
            with Client(base_url=f"{url}/scim/v2", headers=headers) as client:
                return check_server(SyncSCIMClient(client))

        return await asyncio.to_thread(check)


async def test_the_outside_tester_passes_all_its_checks(providers: Harness) -> None:
    results = await checked(providers)
    failed = [
        f"{r.resource_type or ''} {r.title}: {r.status.name}: {r.reason}"
        for r in results
        if r.status not in PASSED
    ]
    assert failed == []
    assert len(results) > 60
    assert {r.resource_type for r in results} == {None, "User", "Group"}
