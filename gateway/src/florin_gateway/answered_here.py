"""What the gateway answers itself, as its OpenAPI document tells it."""

from collections.abc import Mapping
from typing import Any, Final

from florin_chassis.http.endpoint import PUBLIC as FOR_ALL
from florin_gateway.routes import PUBLIC
from florin_gateway.views import VIEWS, View

Document = dict[str, Any]

BEARER: Final = "bearer"
"""The name of the security scheme in the document."""

BROWSERS: Final = "/browser-sessions"
_SIGN_IN: Final = "/sessions"
_TWINS: Final = tuple(
    sorted(
        path
        for method, path in PUBLIC
        if method == "POST" and path.startswith(_SIGN_IN) and path != "/sessions/refresh"
    )
)
"""The steps of signing in at identity: a browser takes each under a path of its own."""

_PAGES: Final = {
    "/livez": ("The process runs", "application/json"),
    "/readyz": ("It listens, knows who signs tokens and what was revoked", "application/json"),
    "/openapi.json": ("This document", "application/json"),
    "/docs": ("This document, to read", "text/html"),
    "/docs/{name}": ("A file of that page", "*/*"),
}
_METRICS: Final = {"/metrics": ("For Prometheus", "text/plain")}


def answered_here(
    identity: Mapping[str, Any], *, browsers: bool = True, metrics: bool = False
) -> Document:
    """The paths; of identity's are taken the bodies of the steps in which browsers sign in."""
    paths: Document = {view.path: _composed(view) for view in VIEWS}
    pages = _PAGES | (_METRICS if metrics else {})
    paths |= {path: {"get": _page(path, *told)} for path, told in pages.items()}
    if browsers:
        paths |= {BROWSERS + path.removeprefix(_SIGN_IN): _twin(path, identity) for path in _TWINS}
        paths[BROWSERS]["delete"] = _browsers(
            "A browser signs out", "delete", {"204": {"description": "The cookies are taken away"}}
        )
    return paths


def _composed(view: View) -> Document:
    names = {"type": "array", "items": {"type": "string", "enum": [p.name for p in view.parts]}}
    properties: Document = {
        part.name: {
            "type": "object" if part.required else ["object", "null"],
            "description": f"What `GET {part.path}` answers ({part.owner})",
        }
        for part in view.parts
    }
    properties["withheld"] = names | {"description": "Parts that the caller may not see: null"}
    properties["unavailable"] = names | {"description": "Parts that could not be had now: null"}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    answer = {"description": view.summary, "content": {"application/json": {"schema": schema}}}
    return {
        "get": {
            "tags": ["views"],
            "summary": view.summary,
            "operationId": _named(view.path),
            "parameters": _parameters(view.path, {"type": "string", "format": "uuid"}),
            "responses": {"200": answer},
            "security": [{BEARER: []}],
            "x-permission": view.permission,
        }
    }


def _page(path: str, summary: str, content: str) -> Document:
    return {
        "tags": ["gateway"],
        "summary": summary,
        "operationId": _named(path),
        "parameters": _parameters(path, {"type": "string"}),
        "responses": {"200": {"description": summary, "content": {content: {}}}},
        "security": [],
        "x-permission": FOR_ALL,
    }


def _twin(path: str, identity: Mapping[str, Any]) -> Document:
    theirs = identity.get(path, {}).get("post", {})
    told = {"description": f"What `POST {path}` answers (identity); tokens go into the cookie"}
    statuses = [s for s in theirs.get("responses", {}) if s.startswith("2")] or ["201"]
    twin = _browsers(f"What `POST {path}` does, for a browser", path, dict.fromkeys(statuses, told))
    if "requestBody" in theirs:
        twin["requestBody"] = theirs["requestBody"]
    return {"post": twin}


def _browsers(summary: str, what: str, responses: Document) -> Document:
    """By its cookie, which the document cannot ask for: a browser without one signs in."""
    guard = {
        "name": "Florin-CSRF",
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "description": "Any value: that it is there shows that a page of ours asks",
    }
    return {
        "tags": ["browser sessions"],
        "summary": summary,
        "operationId": _named(f"{BROWSERS}/{what}"),
        "parameters": [guard],
        "responses": responses,
        "security": [],
        "x-permission": FOR_ALL,
    }


def _named(path: str) -> str:
    kept = "".join(character if character.isalnum() else "_" for character in path)
    return "_".join(filter(None, kept.split("_")))


def _parameters(path: str, schema: Document) -> list[Document]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]
