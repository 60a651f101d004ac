"""Runs a service's processes in one event loop, and stops them so that nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

import httpx
import structlog
from fastapi import FastAPI

from florin_chassis.database import Database
from florin_chassis.http.health import Check
from florin_chassis.published_keys import PublishedKeys
from florin_chassis.revocation_watch import RevocationWatch
from florin_chassis.revocations import Revocations
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Scheduler
from florin_chassis.schema import CHASSIS_VERSIONS, check_schema, newest_revisions
from florin_chassis.service import Background, Service, create_app
from florin_chassis.serving import GRACE_S, http_server, serve_until, stop_signal
from florin_chassis.settings import ServiceSettings
from florin_chassis.supervision import supervised
from florin_chassis.telemetry import configure_telemetry
from florin_chassis.tokens import TokenVerifier

Part: TypeAlias = tuple[str, Background]
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(service: Service, settings: ServiceSettings) -> AsyncIterator[Runtime]:
    """The service's runtime, with its database and its keys; closed at the end."""
    database = Database(settings)
    provider = configure_telemetry(service.name, settings)
    async with httpx.AsyncClient() as client:
        keys = PublishedKeys(settings.jwks_url, client)
        verifier = TokenVerifier(
            keys,
            settings.token_issuer,
            settings.token_audience,
            Revocations(settings.token_life_s_max),
            service.catalogue,
        )
        topics = frozenset(service.subscriptions.awaited)
        try:
            yield Runtime(service.name, settings, database, verifier, topics)
        finally:
            await database.close()
            provider.shutdown()


async def service_app(service: Service, runtime: Runtime) -> FastAPI:
    """The service's application, bound to its runtime."""
    expected = newest_revisions(CHASSIS_VERSIONS, service.migrations / "versions")
    checks: dict[str, Check] = {
        "database": partial(check_schema, runtime.database.engine, expected)
    }
    if service.routers:
        checks["revocations"] = runtime.verifier.revocations.check
    app = create_app(service.title, runtime.settings, service.routers, checks)
    app.state.runtime = runtime
    if service.prepare:
        await service.prepare(app, runtime)
    return app


async def run_service(service: Service, settings: ServiceSettings, parts: frozenset[str]) -> None:
    """Run the named parts until SIGTERM or SIGINT; the api stops first, then the rest."""
    async with running(service, settings) as runtime:
        routed = service if "api" in parts else _without_routes(service)
        server = http_server(await service_app(routed, runtime), settings)
        stopping = stop_signal()
        after_api, failed = asyncio.Event(), asyncio.Event()
        tasks = [
            asyncio.create_task(supervised(name, run, after_api, failed))
            for name, run in _background(service, runtime, parts)
        ]
        await serve_until(server, settings.drain_s if "api" in parts else 0, stopping, failed)
        after_api.set()
        if tasks:
            await _finish(tasks)
        if failed.is_set():
            raise SystemExit(1)


def _background(service: Service, runtime: Runtime, parts: frozenset[str]) -> list[Part]:
    """The parts that run beside the API. What one of them needs is loaded for it alone."""
    background: list[Part] = []
    if "api" in parts:
        revocations = runtime.verifier.revocations
        watch = RevocationWatch(revocations, runtime.settings, runtime.service)
        background.append(("revocations", watch.run))
    if "scheduler" in parts:
        background.append(("scheduler", Scheduler(runtime, service.jobs).run))
    if "relay" in parts:
        from florin_chassis.road.relay import Relay  # noqa: PLC0415
        from florin_chassis.road.states import STATES  # noqa: PLC0415

        facts = Relay(runtime)
        background.append(("relay", facts.run))
        background.append(("relay of states", Relay(runtime, STATES, after=facts).run))
    if "consumer" in parts and service.subscriptions.topics:
        from florin_chassis.road.consumer import Consumer  # noqa: PLC0415

        background.append(("consumer", Consumer(runtime, service.subscriptions).run))
    return background + [(n, make(runtime)) for n, make in service.parts.items() if n in parts]


async def _finish(tasks: Sequence[asyncio.Task[None]]) -> None:
    _, late = await asyncio.wait(tasks, timeout=GRACE_S)
    for task in late:
        _log.warning("did not stop in time; what it had not confirmed will be done again")
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _without_routes(service: Service) -> Service:
    return Service(
        name=service.name,
        title=service.title,
        settings=service.settings,
        metadata=service.metadata,
        migrations=service.migrations,
        routers=(),
    )
