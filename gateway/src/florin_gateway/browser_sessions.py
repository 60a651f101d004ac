"""Sessions of browsers: a sealed cookie stands for the tokens, which no script ever sees.

What a browser sends by itself proves nothing about who made it send it. So whatever changes
something with a cookie must come from an origin that is named, and carry a header that a foreign
page cannot set without asking first.
"""

import time
from typing import Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Served
from starlette.types import Scope

from florin_chassis.errors import Forbidden
from florin_gateway.answered_here import BROWSERS as PATH
from florin_gateway.headers import Headers, to_part, to_service
from florin_gateway.rates import Rates
from florin_gateway.refusals import NoSuchRoute
from florin_gateway.renewals import EARLY_S, Renewals, tokens_of
from florin_gateway.routes import SAFE_METHODS, Route, find_route
from florin_gateway.settings import Settings
from florin_gateway.upstream import Answer, Question, Upstream
from florin_gateway.wallet import Tokens, Wallet, cleared, has_cookie

GUARD: Final = b"florin-csrf"
SET_COOKIES: Final = "set-cookies"
SIGNED_OUT: Final = "signed-out"
"""That nothing of a session is to stay in the browser. Source: W3C Clear Site Data."""
"""Where a request's scope holds the cookies that its answer sets."""

HELD: Final = "browser-tokens"
"""Where it holds the tokens that its cookie stood for."""

TELLS_TOKEN: Final = frozenset({("POST", "/me/proof")})
"""What answers with a fresh access token to who is signed in: a browser gets it into its cookie."""

_ROUTE: Final = Route("identity", PATH)
_HIDDEN: Final = {"access_token", "refresh_token", "token_type"}
_PASSED_ON: Final = {b"content-type", b"retry-after", b"ratelimit", b"ratelimit-policy"}
_ENDED: Final = {204, 401, 404}


class CrossSiteRequest(Forbidden):
    """A browser sent its cookie for a page that is none of ours."""

    code = "cross_site_request"


class BrowserSessions:
    """Signs browsers in and out, and puts the tokens into their requests."""

    def __init__(self, settings: Settings, identity: Upstream, rates: Rates) -> None:
        self._wallet = Wallet(settings.browser_session_keys)
        self._identity, self._rates = identity, rates
        self._renewals = Renewals(identity)
        own = urlsplit(settings.token_issuer)
        self._origins = {origin.encode() for origin in settings.cors_origins}
        self._origins.add(f"{own.scheme}://{own.netloc}".encode())

    def routes(self) -> list[Served]:
        """What is answered here. Whatever leads to a session in identity has a twin of its own."""
        return [
            Served(PATH, self._sign_out, methods=["DELETE"]),
            Served(PATH, self._sign_in, methods=["POST"]),
            Served(PATH + "/{step:path}", self._sign_in, methods=["POST"]),
        ]

    async def admit(self, scope: Scope) -> None:
        """Have a request that brings a cookie, and no token, bring the token in it.

        Raises `CrossSiteRequest`, or that identity cannot be asked when it has to be.
        """
        if not has_cookie(scope) or any(n == b"authorization" for n, _ in scope["headers"]):
            return
        if scope["method"] not in SAFE_METHODS:
            self._require_own_page(scope)
        tokens = await self._tokens(scope)
        if tokens is not None:
            bearer = (b"authorization", b"Bearer " + tokens.access.encode())
            scope["headers"] = [*scope["headers"], bearer]
            scope[HELD] = tokens

    async def shown(self, scope: Scope, answer: Answer) -> Response | None:
        """The answer without its token, which the cookie holds from now on; none if it has none.

        A request at the same time may have turned in the refresh token: its successor is kept.
        """
        if HELD not in scope or (scope["method"], scope["path"]) not in TELLS_TOKEN:
            return None
        body = await answer.whole()
        present = await self._renewals.present(scope[HELD])
        return _shown(scope, answer, body, self._wallet, present.refresh)

    async def _tokens(self, scope: Scope) -> Tokens | None:
        """Those of the cookie, renewed when their end is near. A bad cookie is taken away."""
        held = self._wallet.open(scope)
        if held is not None and held.expires_at - time.time() > EARLY_S:
            return held
        tokens = await self._renewals.renew(held, _headers(scope)) if held else None
        if tokens is None:
            _take_away(scope)
        elif tokens != held:
            scope[SET_COOKIES] = self._wallet.cookies_of(tokens)
        return tokens

    async def _sign_in(self, request: Request) -> Response:
        scope = request.scope
        self._rates.count_address(scope)
        self._require_own_page(scope)
        scope["route"] = _ROUTE
        target = b"/sessions" + scope["raw_path"][len(PATH) :]
        find_route("POST", target)
        if target == b"/sessions/refresh":
            raise NoSuchRoute
        question = Question("POST", target, to_service(scope), await request.body())
        async with self._identity.ask(question) as answer:
            return _shown(scope, answer, await answer.whole(), self._wallet)

    async def _sign_out(self, request: Request) -> Response:
        """The cookies go in any case; a session that identity could not end runs out by itself."""
        scope = request.scope
        self._rates.count_address(scope)
        self._require_own_page(scope)
        scope["route"] = _ROUTE
        tokens = await self._tokens(scope)
        _take_away(scope)
        if tokens is None:
            return Response(status_code=204)
        bearer = (b"authorization", b"Bearer " + tokens.access.encode())
        question = Question("DELETE", b"/sessions/current", [*_headers(scope), bearer])
        async with self._identity.ask(question) as answer:
            body = await answer.whole()
            if answer.status in _ENDED:
                return Response(status_code=204)
            return Response(body, answer.status, _passed_on(answer))

    def _require_own_page(self, scope: Scope) -> None:
        """Source: OWASP Cross-Site Request Forgery Prevention; W3C Fetch Metadata."""
        headers = dict(scope["headers"])
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        named = origin in self._origins if origin is not None else site == b"same-origin"
        if not named or site == b"cross-site" or GUARD not in headers:
            raise CrossSiteRequest("a change with a cookie comes from a page of ours, and says so")


def browser_sessions(
    settings: Settings, identity: Upstream, rates: Rates
) -> BrowserSessions | None:
    """None unless there is a secret to seal cookies with."""
    return BrowserSessions(settings, identity, rates) if settings.browser_session_keys else None


def _take_away(scope: Scope) -> None:
    scope[SET_COOKIES], scope[SIGNED_OUT] = cleared(), True


def _headers(scope: Scope) -> Headers:
    """What identity is told of the caller, without what belongs to the request under way."""
    return [pair for pair in to_part(to_service(scope)) if pair[0] != b"authorization"]


def _shown(
    scope: Scope, answer: Answer, body: bytes, wallet: Wallet, refresh: str | None = None
) -> Response:
    """Identity's answer; tokens go into cookies, and out of it.

    With `refresh` if the answer has none of its own.
    """
    says_json = any(n == b"content-type" and b"json" in v for n, v in answer.headers)
    document = orjson.loads(body) if says_json else {}
    tokens = tokens_of(document)
    if tokens is None:
        return Response(body, answer.status, _passed_on(answer))
    kept = tokens if refresh is None else tokens._replace(refresh=refresh)
    scope[SET_COOKIES] = wallet.cookies_of(kept)
    seen = {name: value for name, value in document.items() if name not in _HIDDEN}
    return Response(orjson.dumps(seen), answer.status, media_type="application/json")


def _passed_on(answer: Answer) -> dict[str, str]:
    return {n.decode(): v.decode("latin-1") for n, v in answer.headers if n in _PASSED_ON}
