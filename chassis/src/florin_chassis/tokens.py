"""Local verification of access tokens against identity's published keys; no call per request."""

import json
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from joserfc import jwt
from joserfc.errors import InvalidHeaderValueError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from florin_chassis.actor import Actor
from florin_chassis.errors import Unauthenticated
from florin_chassis.published_keys import KeySource
from florin_chassis.revocations import Revocations, Stamp, nothing_revoked
from florin_contracts.tokens import CATALOGUE

ALGORITHM: Final = "ES256"
LEEWAY_S: Final = 5
TOKEN_BYTES_MAX: Final = 8_192
_CACHED_MAX: Final = 4_096
_HEADER: Final = {"alg", "kid", "typ"}
_MALFORMED: Final = (
    JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError,
)  # fmt: skip


class _Verified(NamedTuple):
    """What is remembered of a token whose signature and claims were found good."""

    keys: KeySet
    expires_at: float
    actor: Actor
    stamp: Stamp


class TokenVerifier:
    """Turns a bearer token into an actor, or refuses it.

    A signature is checked once, and again when other keys are published than those it was checked
    with; whether the token has expired or was revoked, at every request.
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
        # Not `or`: nothing heard of yet has no length, and is to be listened to none the less.
        self.revocations = nothing_revoked() if revocations is None else revocations
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
        known = self._verified.get(token)
        if known is None or known.keys is not await self._source.keys():
            known = await self._check(token)
        if time.time() > known.expires_at + LEEWAY_S:
            self._verified.pop(token, None)
            raise Unauthenticated("the access token has expired")
        if not self.revocations.settled:
            await self.revocations.wait()
        self.revocations.refuse(known.stamp)
        return known.actor

    async def _check(self, token: str) -> _Verified:
        self._verified.pop(token, None)
        try:
            keys, claims = await self._claims_of(token)
            actor = Actor.from_claims(claims, self._catalogue)
            verified = _Verified(keys, float(claims["exp"]), actor, Stamp.of(claims))
        except _MALFORMED as error:
            raise Unauthenticated(f"the access token is not valid: {_reason(error)}") from error
        self._verified[token] = verified
        if len(self._verified) > _CACHED_MAX:
            self._verified.popitem(last=False)
        return verified

    async def _claims_of(self, token: str) -> tuple[KeySet, dict[str, Any]]:
        keys = await self._source.keys()
        try:
            claims = _signed(token, keys)
        except (InvalidKeyIdError, ValueError):  # a key that was published after we last looked
            keys = await self._source.keys(fresh=True)
            claims = _signed(token, keys)
        self._claims.validate(claims)
        _require_short_lived(claims, self.revocations.life_s)
        return keys, claims


class _Claims(json.JSONDecoder):
    """Refuses a member that is there twice: readers differ in which of the two they believe."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _signed(token: str, keys: KeySet) -> dict[str, Any]:
    """What one of the keys has signed, under a header that says no more than which and how."""
    decoded = jwt.decode(token, keys, algorithms=[ALGORITHM], decoder_cls=_Claims)
    if "kid" not in decoded.header or not decoded.header.keys() <= _HEADER:
        raise InvalidHeaderValueError("the header says more than it may")
    return decoded.claims


def _require_short_lived(claims: dict[str, Any], life_s: float) -> None:
    """A token that lives longer would outlive the memory of its revocation."""
    if claims["exp"] - claims["iat"] > life_s:
        raise ValueError("it lives too long")


def _reason(error: Exception) -> str:
    """What may be told of the fault: joserfc's own short code, and nothing of the token."""
    return error.error.replace("_", " ") if isinstance(error, JoseError) else "malformed"
