"""What an attacker makes tokens of: a genuine one, the public keys, and keys of its own.

And what nobody can make but identity itself, should it once sign what it must not.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from florin_chassis.tokens import ALGORITHM
from florin_local.demo.api import Json

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: how many points its base point makes."""

SIZE: Final = 32
_UNCOMPRESSED: Final = PublicFormat.UncompressedPoint

Part = bytes | Mapping[str, Any]


def b64(data: bytes) -> str:
    """As JOSE writes bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def segment(part: Part) -> str:
    """A header or payload; bytes are taken as they are."""
    return b64(part if isinstance(part, bytes) else json.dumps(part).encode())


def pair(r: int, s: int, size: int = SIZE) -> str:
    """The two numbers of a signature."""
    return b64(r.to_bytes(size, "big") + s.to_bytes(size, "big"))


def another_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid}, private=True)


def numbers(key: ECKey, message: str) -> tuple[int, int]:
    """A true ES256 signature."""
    private = key.get_op_key("sign")
    assert isinstance(private, EllipticCurvePrivateKey)
    return decode_dss_signature(private.sign(message.encode(), ECDSA(SHA256())))


@dataclass(frozen=True)
class Forge:
    """The installation's key, and what a token of an administrator's says."""

    key: ECKey
    claims: Json

    @property
    def header(self) -> Json:
        return {"alg": ALGORITHM, "kid": self.key.kid, "typ": "JWT"}

    @property
    def genuine(self) -> str:
        """What identity would issue."""
        return self.signed(self.header, self.claims)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Of the genuine one: header, payload, signature."""
        header, payload, signature = self.genuine.split(".")
        return header, payload, signature

    def signed(self, header: Part, payload: Part, key: ECKey | None = None) -> str:
        """Signed over exactly this; by the installation's key unless another is given."""
        message = f"{segment(header)}.{segment(payload)}"
        return f"{message}.{pair(*numbers(key or self.key, message))}"

    def with_header(self, **members: Any) -> str:
        """The same claims, truly signed, under a header with these members besides."""
        return self.signed(self.header | members, self.claims)

    def with_claims(self, **claims: Any) -> str:
        """Truly signed, with these claims besides; one that is None is left out."""
        changed = {n: v for n, v in (self.claims | claims).items() if v is not None}
        return self.signed(self.header, changed)

    def with_signature(self, signature: str) -> str:
        """The genuine token under another signature."""
        header, payload, _ = self.parts
        return f"{header}.{payload}.{signature}"

    def public(self, encoding: Encoding, form: PublicFormat = _UNCOMPRESSED) -> bytes:
        """The public key, as somebody might mistake it for a secret."""
        public = self.key.get_op_key("verify")
        assert isinstance(public, EllipticCurvePublicKey)
        return public.public_bytes(encoding, form)
