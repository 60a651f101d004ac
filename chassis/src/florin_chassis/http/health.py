"""`/livez` without dependencies, `/readyz` with them, `/metrics` for Prometheus."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[None]]
"""Raises when the part it looks at is not ready."""

STOPPING: Final = "stopping"
"""The state of a server that was told to stop: it answers, but wants no more work."""


def health_routes(checks: Mapping[str, Check]) -> APIRouter:
    """The three routes that a platform asks; open to the inside of the cluster only."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        states = {name: await _state(check) for name, check in checks.items()}
        if getattr(request.state, STOPPING, False):
            states["server"] = STOPPING
        ready = all(state == "ready" for state in states.values())
        return JSONResponse({"ready": ready, "parts": states}, 200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _state(check: Check) -> str:
    try:
        await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, the part is not ready
        return f"not ready: {type(error).__name__}"
    return "ready"
