"""Signs the ends of the security log's chain, with a key that is in no table.

The key is derived from `FLORIN_KEY_ENCRYPTION_SECRET`: whoever can write to the database alone
cannot sign, and whoever has the public key can verify without any secret of ours.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

_ALGORITHM: Final = "Ed25519"
_PURPOSE: Final = b"florin.security-log.checkpoints"


class NotOurs(Exception):
    """A checkpoint was signed with no key that is known here, or changed since."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the chain that was vouched for."""

    position: int
    digest: bytes
    archived: bool = False
    """Whether the log up to it lies in files, and may be gone from the database."""


class Notary:
    """Signs with this installation's key; reads what that, or another given one, has signed."""

    def __init__(self, secret: bytes, *others: dict[str, Any]) -> None:
        seed = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
        pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        self._key = OKPKey.import_key(pem)
        self._kid = self._key.thumbprint()
        self._known = [self._key, *(OKPKey.import_key(cast(Any, jwk)) for jwk in others)]

    @property
    def public(self) -> dict[str, Any]:
        """The public key, as a JWK, for whoever verifies elsewhere."""
        return {**self._key.as_dict(private=False), "kid": self._kid, "alg": _ALGORITHM}

    def sign(self, mark: Mark, at: datetime) -> str:
        """A compact JWS that says what the chain's digest is at a position."""
        payload = {
            "position": mark.position,
            "digest": mark.digest.hex(),
            "archived": mark.archived,
            "at": at.isoformat(),
        }
        header = {"alg": _ALGORITHM, "kid": self._kid, "typ": "florin-security-checkpoint"}
        content = json.dumps(payload, separators=(",", ":")).encode()
        return jws.serialize_compact(header, content, self._key, algorithms=[_ALGORITHM])

    def read(self, signed: str) -> Mark:
        """What was signed; raises `NotOurs`."""
        for key in self._known:
            try:
                opened = jws.deserialize_compact(signed, key, algorithms=[_ALGORITHM])
                payload = json.loads(opened.payload)
                digest = bytes.fromhex(payload["digest"])
                return Mark(int(payload["position"]), digest, payload["archived"] is True)
            except (JoseError, KeyError, TypeError, ValueError):
                continue
        raise NotOurs("its checkpoint is signed by no key that is known here")
