"""The endpoints that services declare, read from the routers themselves: none is missing."""

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, Endpoint
from florin_chassis.service import Service
from florin_gateway.answered_here import answered_here

SERVICES: Final = ("identity", "providers", "clients", "payers")
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Question:
    """One method of one path, what it declares, and the schema of its body if it takes one."""

    owner: str
    method: str
    path: str
    permission: str
    in_person: bool
    body: Any = None

    @property
    def is_public(self) -> bool:
        """Whether it asks for no token."""
        return self.permission == PUBLIC

    @property
    def is_for_everybody(self) -> bool:
        """Whether any token will do."""
        return self.permission == SIGNED_IN

    @property
    def is_safe(self) -> bool:
        """Whether asking changes nothing."""
        return self.method == "GET"

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return _PARAMETER.findall(self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def questions() -> list[Question]:
    """All of them, with what the gateway answers itself."""
    own = [
        Question("gateway", method.upper(), path, operation["x-permission"], in_person=False)
        for path, item in answered_here({}).items()
        for method, operation in item.items()
    ]
    return [q for name in SERVICES for q in _questions_of(name)] + own


def _questions_of(name: str) -> list[Question]:
    service: Service = import_module(f"florin_{name}.service").service
    app = FastAPI()
    for router in service.routers:
        app.include_router(router)
    document = app.openapi()
    return [
        Question(
            name,
            method,
            route.path_format,
            route.permission,
            route.in_person,
            _body(document, route, method),
        )
        for router in service.routers
        for route in router.routes
        if isinstance(route, Endpoint)
        for method in sorted(route.methods or ())
    ]


def _body(document: dict[str, Any], route: APIRoute, method: str) -> Any:
    """The body's schema with its references resolved one level at a time by `samples`."""
    operation = document["paths"].get(route.path_format, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return content and {**content["schema"], "components": document["components"]}
