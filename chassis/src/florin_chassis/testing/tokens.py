"""An issuer for tests: real signatures, keys of its own."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from florin_chassis.ids import new_id
from florin_chassis.tokens import ALGORITHM
from florin_contracts.tokens import CATALOGUE, places_of, short_id

ISSUER: Final = "https://florin.test"
AUDIENCE: Final = "florin"


class Issuer:
    """Signs tokens and, as a `KeySource`, publishes the key to verify them with."""

    def __init__(self, catalogue: Sequence[str] = CATALOGUE) -> None:
        self._catalogue = catalogue
        self.key = ECKey.generate_key("P-256", {"kid": "test", "alg": ALGORITHM}, private=True)
        self._keys = KeySet([self.key])

    async def keys(self, *, fresh: bool = False) -> KeySet:  # noqa: ARG002
        """The public key, always the same."""
        return self._keys

    def token(
        self,
        permissions: Iterable[str] = (),
        *,
        everywhere: bool = False,
        reach: Mapping[str, Iterable[UUID | str]] | None = None,
        **claims: Any,
    ) -> str:
        """An access token that is valid for five minutes, unless `claims` say otherwise."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(new_id()),
            "iat": now,
            "exp": now + 300,
            "ver": 0,
            "prm": places_of(permissions, self._catalogue),
            "everywhere": everywhere,
            "reach": {
                dim: [short_id(UUID(str(i))) for i in ids] for dim, ids in (reach or {}).items()
            },
            **claims,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": "test"}, payload, self.key)
