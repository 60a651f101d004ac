"""Local verification of access tokens against identity's published keys; no call per request."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from florin_chassis.actor import Actor
from florin_chassis.errors import Unauthenticated, Unavailable
from florin_chassis.revocations import Revocations, Stamp, nothing_revoked
from florin_contracts.tokens import CATALOGUE

ALGORITHM: Final = "ES256"
LEEWAY_S: Final = 5
TOKEN_BYTES_MAX: Final = 8_192
_CACHED_MAX: Final = 4_096
_REFETCH_S_MIN: Final = 2.0
_log = structlog.get_logger(__name__)


class KeySource(Protocol):
    """Where the present public keys come from."""

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The key set; `fresh` says that a key was missing from the last one."""
        ...


class PublishedKeys:
    """Identity's JWKS document, kept as long as the process lives.

    It is fetched at first use and again when a token names a key it does not hold, at most every
    two seconds; while identity is down the last known keys go on serving.
    """

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client = url, client
        self._keys: KeySet | None = None
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """Raises `Unavailable` while no keys were ever read."""
        async with self._lock:
            recently = time.monotonic() - self._tried_at < _REFETCH_S_MIN
            if (fresh or self._keys is None) and not recently:
                await self._fetch()
            if self._keys is None:
                raise Unavailable("the signing keys cannot be read now")
            return self._keys

    async def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            answer = await self._client.get(self._url, timeout=2)
            answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, ValueError, JoseError) as error:
            _log.warning("signing keys not read", error=repr(error))


class _Verified(NamedTuple):
    """What is remembered of a token whose signature and claims were found good."""

    expires_at: float
    actor: Actor
    stamp: Stamp


class TokenVerifier:
    """Turns a bearer token into an actor, or refuses it.

    A signature is checked once; whether the token has expired or was revoked, at every request.
    """

    def __init__(
        self,
        source: KeySource,
        issuer: str,
        audience: str,
        revocations: Revocations | None = None,
        catalogue: Sequence[str] = CATALOGUE,
    ) -> None:
        self._source, self._catalogue = source, catalogue
        self.revocations = revocations or nothing_revoked()
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._verified: OrderedDict[str, _Verified] = OrderedDict()

    async def verify(self, token: str) -> Actor:
        """The actor that the token names; raises `Unauthenticated`, or `TokenRevoked` of it."""
        if len(token) > TOKEN_BYTES_MAX:
            raise Unauthenticated("the access token is too long")
        known = self._verified.get(token) or await self._check(token)
        if time.time() > known.expires_at + LEEWAY_S:
            self._verified.pop(token, None)
            raise Unauthenticated("the access token has expired")
        if not self.revocations.settled:
            await self.revocations.wait()
        self.revocations.refuse(known.stamp)
        return known.actor

    async def _check(self, token: str) -> _Verified:
        try:
            claims = await self._claims_of(token)
            actor = Actor.from_claims(claims, self._catalogue)
            verified = _Verified(float(claims["exp"]), actor, Stamp.of(claims))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated(f"the access token is not valid: {_reason(error)}") from error
        self._verified[token] = verified
        if len(self._verified) > _CACHED_MAX:
            self._verified.popitem(last=False)
        return verified

    async def _claims_of(self, token: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, await self._source.keys(), algorithms=[ALGORITHM])
        except (InvalidKeyIdError, ValueError):  # a key that was published after we last looked
            decoded = jwt.decode(token, await self._source.keys(fresh=True), algorithms=[ALGORITHM])
        self._claims.validate(decoded.claims)
        _require_short_lived(decoded.claims, self.revocations.life_s)
        return decoded.claims


def _require_short_lived(claims: dict[str, Any], life_s: float) -> None:
    """A token that lives longer would outlive the memory of its revocation."""
    if claims["exp"] - claims["iat"] > life_s:
        raise ValueError("it lives too long")


def _reason(error: Exception) -> str:
    """What may be told of the fault: joserfc's own short code, and nothing of the token."""
    return error.error.replace("_", " ") if isinstance(error, JoseError) else "malformed"
