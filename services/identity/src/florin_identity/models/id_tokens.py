"""ID tokens: who signed in, when and how, signed for one application to read.

Source: OpenID Connect Core 1.0, sections 2 and 3.1.3.6.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from florin_chassis.tokens import ALGORITHM, TOKEN_BYTES_MAX
from florin_identity.models.application_grant import ApplicationGrant
from florin_identity.models.key_ring import KeyRing

LIFE_S: Final = 300
ACR_ONE_FACTOR: Final = "urn:florin:acr:one-factor"
ACR_TWO_FACTORS: Final = "urn:florin:acr:two-factors"
_TWO_FACTORS: Final = "mfa"


class IdTokenHint(NamedTuple):
    """Whom an earlier ID token was about, and which application it was for."""

    user_id: UUID
    session_id: UUID
    application_id: UUID


class IdTokens:
    """Issues them, and reads them back when an application shows one."""

    def __init__(self, issuer: str, key_ring: KeyRing) -> None:
        self._issuer, self._key_ring = issuer, key_ring

    def issue(self, grant: ApplicationGrant, access_token: str) -> str:
        """For the grant's application, bound to the access token by its hash."""
        now_s = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self._issuer,
            "sub": str(grant.user_id),
            "aud": str(grant.application_id),
            "iat": now_s,
            "exp": now_s + LIFE_S,
            "auth_time": int(grant.signed_in_at.timestamp()),
            "amr": grant.amr,
            "acr": acr_of(grant.amr),
            "at_hash": _half_hash(access_token),
            "sid": str(grant.session_id),
        }
        nonce = {} if grant.nonce is None else {"nonce": grant.nonce}
        return self._key_ring.sign(claims | nonce)

    def read(self, token: str | None) -> IdTokenHint | None:
        """What it says; none if it is none of ours. It may have expired: it is only a hint.

        Source: OpenID Connect RP-Initiated Logout 1.0, section 2.
        """
        if token is None or len(token) > TOKEN_BYTES_MAX:
            return None
        keys = KeySet.import_key_set(self._key_ring.published)  # type: ignore[arg-type]
        try:
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
            if claims["iss"] != self._issuer or "at_hash" not in claims:
                return None
            return IdTokenHint(*(UUID(claims[name]) for name in ("sub", "sid", "aud")))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            return None


def acr_of(amr: Sequence[str]) -> str:
    """The class of how the user proved itself."""
    return ACR_TWO_FACTORS if _TWO_FACTORS in amr else ACR_ONE_FACTOR


def _half_hash(token: str) -> str:
    """The left half of its SHA-256, which goes with ES256."""
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
