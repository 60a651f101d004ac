"""The gateway put together, from the outside in: edge, CORS, limits, own pages, views, services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from florin_chassis.published_keys import KeySource
from florin_chassis.revocation_watch import RevocationWatch
from florin_chassis.revocations import Revocations
from florin_chassis.service import create_app
from florin_chassis.supervision import beside
from florin_chassis.tokens import TokenVerifier
from florin_gateway.api_keys import ApiKeys
from florin_gateway.browser_sessions import browser_sessions
from florin_gateway.composition import Composer
from florin_gateway.documents import TITLE, Documents
from florin_gateway.door import Door
from florin_gateway.edge import Edge
from florin_gateway.pages import own_pages
from florin_gateway.pass_through import PassThrough
from florin_gateway.rates import Rates
from florin_gateway.settings import Settings
from florin_gateway.upstream import Upstreams, upstreams
from florin_gateway.views import VIEWS

_CORS_HEADERS: Final = (
    "Authorization", "Content-Type", "Florin-CSRF", "Florin-Position", "Idempotency-Key",
    "If-Match", "Request-Id", "traceparent",
)  # fmt: skip
_CORS_EXPOSED: Final = (
    "ETag", "Florin-Position", "Florin-Stale", "Idempotency-Replayed", "Location", "RateLimit",
    "RateLimit-Policy", "Request-Id", "Retry-After",
)  # fmt: skip


@asynccontextmanager
async def gateway(settings: Settings, keys: KeySource) -> AsyncIterator[ASGIApp]:
    """The application; its connections to the services are closed at the end."""
    revocations = Revocations(settings.token_life_s_max)
    watch = RevocationWatch(revocations, settings, "gateway")
    verifier = TokenVerifier(keys, settings.token_issuer, settings.token_audience, revocations)
    async with upstreams(settings) as services, beside("revocations", watch.run):
        yield build(settings, keys, verifier, services)


def build(
    settings: Settings, keys: KeySource, verifier: TokenVerifier, services: Upstreams
) -> ASGIApp:
    """The application over these services, with all that is around its routes."""
    app = application(settings, keys, verifier, services)
    credentials = bool(settings.browser_session_keys)
    return Edge(_with_cors(app, settings.cors_origins, credentials=credentials))


def application(
    settings: Settings, keys: KeySource, verifier: TokenVerifier, services: Upstreams
) -> FastAPI:
    """The routes over these services."""
    rates = Rates(settings)
    browsers = browser_sessions(settings, services["identity"], rates)
    door = Door(verifier, ApiKeys(services["identity"]), rates, browsers)
    pages = own_pages(
        documents_served=settings.documents_served, metrics_exposed=settings.metrics_exposed
    )

    async def keys_were_read() -> None:
        await keys.keys()

    checks = {"keys": keys_were_read, "revocations": verifier.revocations.check}
    app = create_app(TITLE, settings, [pages], checks, openapi_url=None)
    app.state.documents = Documents(services, settings)
    composer = Composer(door, services, settings.part_timeout_s)
    # Before the own pages: matching those at every request would cost a sixth of its time.
    app.router.routes[:0] = [*map(composer.route, VIEWS), PassThrough(door, services)]
    app.router.routes.extend(browsers.routes() if browsers else ())
    app.router.redirect_slashes = False
    return app


def _with_cors(app: ASGIApp, origins: tuple[str, ...], *, credentials: bool) -> ASGIApp:
    """Off unless origins are named; with credentials only where there are browser sessions."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
        allow_headers=_CORS_HEADERS,
        allow_credentials=credentials,
        expose_headers=_CORS_EXPOSED,
    )
