"""One OpenAPI document of all services and of what the gateway answers itself."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog

from florin_chassis.errors import Refusal
from florin_gateway.answered_here import BEARER, Document, answered_here
from florin_gateway.refusals import NoSuchRoute
from florin_gateway.routes import PUBLIC, find_route
from florin_gateway.settings import Settings
from florin_gateway.upstream import Question, Upstream, Upstreams
from florin_gateway.wire import Lost

TITLE: Final = "Florin"
VERSION: Final = "0.1.0"
_ASK: Final = Question("GET", b"/openapi.json", [(b"accept", b"application/json")])
_UNREADABLE: Final = (
    Refusal, TimeoutError, Lost, AttributeError, KeyError, TypeError, ValueError,
)  # fmt: skip
_log = structlog.get_logger(__name__)


class Documents:
    """The services' documents as last read, merged: one that is down keeps its paths."""

    def __init__(self, services: Upstreams, settings: Settings) -> None:
        self._services, self._settings = services, settings
        self._known: dict[str, Document] = {}
        self._merged: bytes | None = None
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def merged(self) -> bytes:
        """The merged document as JSON."""
        async with self._lock:
            stale = time.monotonic() - self._tried_at >= self._settings.documents_fresh_s
            if self._merged is None or stale:
                await asyncio.gather(*map(self._read, self._services.values()))
                self._tried_at = time.monotonic()
                self._merged = orjson.dumps(merge(self._known, self._own(), tuple(self._services)))
            return self._merged

    def _own(self) -> Document:
        return answered_here(
            self._known.get("identity", {}).get("paths", {}),
            browsers=bool(self._settings.browser_session_keys),
            metrics=self._settings.metrics_exposed,
        )

    async def _read(self, service: Upstream) -> None:
        try:
            async with asyncio.timeout(self._settings.part_timeout_s), service.ask(_ASK) as answer:
                if answer.status == 200:  # noqa: PLR2004
                    self._known[service.name] = of_service(
                        service.name, orjson.loads(await answer.whole())
                    )
        except _UNREADABLE as error:
            _log.warning("document not read", service=service.name, error=repr(error))


def of_service(owner: str, document: Document) -> Document:
    """The routed part of a service's document, its schemas named after the service.

    They always are, clash or not: a name in a generated client does not depend on who is up.
    """
    paths = {p: _secured(p, item) for p, item in document["paths"].items() if _owns(owner, p)}
    schemas = document.get("components", {}).get("schemas", {})
    named = {f"{owner}.{name}": schema for name, schema in schemas.items()}
    prefixed: Document = _with_references({"paths": paths, "schemas": named}, f"{owner}.")
    return prefixed


def merge(known: Mapping[str, Document], own: Document, services: tuple[str, ...] = ()) -> Document:
    """One document; `x-unavailable` names the services whose part has never been read."""
    paths: Document = dict(own)
    schemas: Document = {}
    for owner in sorted(known):
        paths |= known[owner]["paths"]
        schemas |= known[owner]["schemas"]
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
        "x-unavailable": [name for name in services if name not in known],
    }


def _owns(owner: str, path: str) -> bool:
    try:
        return find_route("GET", path.replace("{", "").replace("}", "").encode()).owner == owner
    except NoSuchRoute:
        return False


def _secured(path: str, item: Document) -> Document:
    """Each operation with whether it asks for a token."""
    return {
        method: operation | {"security": [] if (method.upper(), path) in PUBLIC else [{BEARER: []}]}
        if isinstance(operation, dict)
        else operation
        for method, operation in item.items()
    }


def _with_references(node: Any, prefix: str) -> Any:
    """The same with every reference to a schema of the document pointing to its new name."""
    if isinstance(node, dict):
        return {
            key: value.replace("#/components/schemas/", f"#/components/schemas/{prefix}", 1)
            if key == "$ref" and isinstance(value, str)
            else _with_references(value, prefix)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_with_references(value, prefix) for value in node]
    return node
