"""Who comes in: a token is verified before any service is asked; without one, only public paths."""

from typing import Final

from starlette.responses import Response
from starlette.types import Scope

from florin_chassis.actor import Actor
from florin_chassis.errors import Unauthenticated, Unavailable
from florin_chassis.tokens import TokenVerifier
from florin_contracts.api_keys import BEGINNING as API_KEY
from florin_gateway.api_keys import ApiKeys
from florin_gateway.browser_sessions import BrowserSessions
from florin_gateway.rates import Rates
from florin_gateway.refusals import ServiceUnavailable
from florin_gateway.routes import OWN_CREDENTIALS, PUBLIC, Route, find_route
from florin_gateway.upstream import Answer

_BEARER: Final = "bearer"


class Door:
    """Admits requests. Services verify tokens again: the gateway is not what they trust."""

    def __init__(
        self,
        verifier: TokenVerifier,
        api_keys: ApiKeys,
        rates: Rates,
        browsers: BrowserSessions | None,
    ) -> None:
        self._verifier, self._api_keys = verifier, api_keys
        self._rates, self._browsers = rates, browsers

    async def admit(self, scope: Scope) -> Route:
        """The route of a request that may pass.

        Raises `TooManyRequests`, `CrossSiteRequest`, `NoSuchRoute`, `MethodRefused`,
        `Unauthenticated`, or `ServiceUnavailable` while identity's keys have never been read.
        """
        self._rates.count_address(scope)
        if self._browsers is not None:
            await self._browsers.admit(scope)
        route = find_route(scope["method"], scope["raw_path"])
        scope["route"] = route
        asked = scope["method"], scope["path"]
        if asked in OWN_CREDENTIALS:
            return route
        credentials = [value for name, value in scope["headers"] if name == b"authorization"]
        if credentials:
            self._rates.count_caller(scope, await self._verify(scope, credentials))
        elif asked not in PUBLIC:
            raise Unauthenticated("this needs an access token")
        return route

    async def shown_to_browser(self, scope: Scope, answer: Answer) -> Response | None:
        """What a browser gets instead of a fresh token; none where there is nothing to hide."""
        return None if self._browsers is None else await self._browsers.shown(scope, answer)

    async def _verify(self, scope: Scope, credentials: list[bytes]) -> Actor:
        scheme, _, token = credentials[0].decode("latin-1").partition(" ")
        if len(credentials) > 1 or scheme.lower() != _BEARER or not token.strip():
            raise Unauthenticated("credentials are one bearer token")
        try:
            if token.strip().startswith(API_KEY):
                return await self._exchange(scope, token.strip())
            return await self._verifier.verify(token.strip())
        except ServiceUnavailable:
            raise
        except Unavailable as error:
            fault = "has not published its signing keys yet"
            raise ServiceUnavailable.of("identity", fault, outcome_unknown=False) from error

    async def _exchange(self, scope: Scope, key: str) -> Actor:
        """Have the request go on with a token in the key's place; the actor of it.

        A token that is refused may have been got before the key's owner lost a right: another is
        asked for, once, and says what is so now.
        """
        token = await self._api_keys.token_of(key, scope)
        try:
            actor = await self._verifier.verify(token)
        except Unauthenticated:
            self._api_keys.forget(key, scope, token)
            token = await self._api_keys.token_of(key, scope)
            actor = await self._verifier.verify(token)
        others = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
        scope["headers"] = [*others, (b"authorization", b"Bearer " + token.encode())]
        return actor
