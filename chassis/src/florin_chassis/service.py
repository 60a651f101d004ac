"""The manifest of a service: everything its processes are run from, in one value."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import MetaData

from florin_chassis.http.health import Check, health_routes
from florin_chassis.http.limits import BodyLimit
from florin_chassis.http.problems import install_problem_handlers
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.settings import HttpSettings, ServiceSettings
from florin_chassis.telemetry import Observed
from florin_contracts.tokens import CATALOGUE

# FastAPI would add four spans of its own to the one that `Observed` makes of each request.
_OURS: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}

Command = Callable[[Runtime, Sequence[str]], Awaitable[None]]
Background: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Works until the event is set; whatever it raises, it is started again."""


@dataclass(frozen=True)
class Service:
    """A deployable: its name, what it is told, what it keeps, answers, listens to and does itself.

    `prepare` may put the service's own objects on `app.state` before the first request; `commands`
    are what it does once and ends (`install`, for example), `parts` its own processes that run on
    beside the chassis', each by name; `catalogue` are the permissions that tokens name by place.
    """

    name: str
    title: str
    settings: type[ServiceSettings]
    metadata: MetaData
    migrations: Path
    routers: Sequence[APIRouter]
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    prepare: Callable[[FastAPI, Runtime], Awaitable[None]] | None = None
    commands: Mapping[str, Command] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    parts: Mapping[str, Callable[[Runtime], Background]] = field(default_factory=dict)
    catalogue: Sequence[str] = CATALOGUE


def create_app(
    title: str,
    settings: HttpSettings,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    openapi_url: str | None = "/openapi.json",
) -> FastAPI:
    """An application with our problems, limits, health and telemetry around the routes.

    Without an `openapi_url` it documents nothing itself, and leaves `/docs` to its routes.
    """
    app = FastAPI(
        title=title,
        version="0.1.0",
        openapi_url=openapi_url,
        redoc_url=None,
        telemetry=_OURS,
    )
    install_problem_handlers(app)
    for router in routers:
        app.include_router(router)
    app.include_router(health_routes(checks))
    app.add_middleware(BodyLimit, bytes_max=settings.body_bytes_max)
    app.add_middleware(Observed)
    return app
