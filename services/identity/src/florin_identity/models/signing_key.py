"""A signing key at rest: the public part in the clear, the private part sealed."""

from datetime import datetime
from typing import Any, Final

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.tokens import ALGORITHM
from florin_identity.models.base import Base

_SEALED: Final = {"alg": "dir", "enc": "A256GCM"}


class KeysNotReadable(Exception):
    """The signing keys in the database were sealed with another secret than the one given."""


class SigningKey(Base):
    """An ES256 key pair. The private part is a JWE, AES-256-GCM, bound to the key's id."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_private: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def open(self, secret: bytes) -> ECKey:
        """The key pair; raises `KeysNotReadable`."""
        try:
            opened = jwe.decrypt_compact(self.sealed_private, OctKey.import_key(secret))
        except JoseError as error:
            raise KeysNotReadable("FLORIN_KEY_ENCRYPTION_SECRET opens no signing key") from error
        if opened.headers().get("kid") != self.kid or opened.plaintext is None:
            raise KeysNotReadable(f"the sealed key is not that of {self.kid}")
        return ECKey.import_key(orjson.loads(opened.plaintext))


def make_signing_key(secret: bytes) -> SigningKey:
    """A new key pair, sealed with the secret's 32 bytes."""
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
    private = orjson.dumps(key.as_dict(private=True))
    kid = key.kid or ""
    sealed = jwe.encrypt_compact({**_SEALED, "kid": kid}, private, OctKey.import_key(secret))
    return SigningKey(kid=kid, public=key.as_dict(private=False), sealed_private=sealed)
