"""Who comes in: a token is verified before any service is asked; without one, only public paths."""

from typing import Final

from starlette.types import Scope

from florin_chassis.actor import Actor
from florin_chassis.errors import Unauthenticated, Unavailable
from florin_chassis.tokens import TokenVerifier
from florin_gateway.rates import Rates
from florin_gateway.refusals import ServiceUnavailable
from florin_gateway.routes import OWN_CREDENTIALS, PUBLIC, Route, find_route

_BEARER: Final = "bearer"


class Door:
    """Admits requests. Services verify tokens again: the gateway is not what they trust."""

    def __init__(self, verifier: TokenVerifier, rates: Rates) -> None:
        self._verifier, self._rates = verifier, rates

    async def admit(self, scope: Scope) -> Route:
        """The route of a request that may pass.

        Raises `TooManyRequests`, `NoSuchRoute`, `MethodRefused`, `Unauthenticated`, or
        `ServiceUnavailable` while identity's keys have never been read.
        """
        self._rates.count_address(scope)
        route = find_route(scope["method"], scope["raw_path"])
        scope["route"] = route
        asked = scope["method"], scope["path"]
        if asked in OWN_CREDENTIALS:
            return route
        credentials = [value for name, value in scope["headers"] if name == b"authorization"]
        if credentials:
            self._rates.count_caller(scope, await self._verify(credentials))
        elif asked not in PUBLIC:
            raise Unauthenticated("this needs an access token")
        return route

    async def _verify(self, credentials: list[bytes]) -> Actor:
        scheme, _, token = credentials[0].decode("latin-1").partition(" ")
        if len(credentials) > 1 or scheme.lower() != _BEARER or not token.strip():
            raise Unauthenticated("credentials are one bearer token")
        try:
            return await self._verifier.verify(token.strip())
        except Unavailable as error:
            fault = "has not published its signing keys yet"
            raise ServiceUnavailable.of("identity", fault, outcome_unknown=False) from error
