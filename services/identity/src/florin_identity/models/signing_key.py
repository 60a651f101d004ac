"""A signing key at rest: the public part in the clear, the private part sealed."""

from datetime import datetime
from typing import Any

import orjson
from joserfc.jwk import ECKey
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.sealing import seal, unseal
from florin_chassis.tokens import ALGORITHM
from florin_identity.models.base import Base


class SigningKey(Base):
    """An ES256 key pair. The private part is sealed, and bound to the key's id."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_private: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def open(self, secret: bytes) -> ECKey:
        """The key pair; raises `NotReadable`."""
        return ECKey.import_key(orjson.loads(unseal(self.sealed_private, self.kid, secret)))


def make_signing_key(secret: bytes) -> SigningKey:
    """A new key pair, sealed with the secret's 32 bytes."""
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
    kid = key.kid or ""
    sealed = seal(orjson.dumps(key.as_dict(private=True)), kid, secret)
    return SigningKey(kid=kid, public=key.as_dict(private=False), sealed_private=sealed)
