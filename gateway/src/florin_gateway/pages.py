"""The gateway's own pages: the merged document, and Swagger UI from files that came with it."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from florin_gateway.documents import TITLE, Documents
from florin_gateway.refusals import NoSuchRoute

_ASSETS: Final = files("fastapi_offline") / "static"
_FILES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_PAGE: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{TITLE}</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
});
"""
# Swagger UI sets styles from its script, and draws its icons from data URLs. That is all.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_KEPT: Final = {"Cache-Control": "public, max-age=3600"}


def own_pages(*, documents_served: bool, metrics_exposed: bool) -> APIRouter:
    """What the gateway answers itself beside its views; what is not to be seen does not exist."""
    router = APIRouter(include_in_schema=False)
    if not metrics_exposed:
        router.add_api_route("/metrics", _hidden)
    if documents_served:
        router.add_api_route("/openapi.json", _document)
        router.add_api_route("/docs", _page)
        router.add_api_route("/docs/{name}", _asset)
    return router


async def _hidden() -> Response:
    raise NoSuchRoute


async def _document(request: Request) -> Response:
    documents: Documents = request.app.state.documents
    return Response(await documents.merged(), media_type="application/json")


async def _page() -> Response:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _PAGE_POLICY})


async def _asset(name: str) -> Response:
    if name == "start.js":
        return Response(_START, media_type="text/javascript", headers=_KEPT)
    if name not in _FILES:
        raise NoSuchRoute
    return FileResponse(str(_ASSETS / name), media_type=_FILES[name], headers=_KEPT)
