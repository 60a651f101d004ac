"""A signing key at rest: the public part in the clear, the private part sealed while it is used."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from joserfc.jwk import ECKey
from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.sealing import NotReadable, seal, unseal
from florin_chassis.tokens import ALGORITHM
from florin_identity.models.base import Base


class KeyState(StrEnum):
    """Where a key is in its life. All three are published; a removed key is gone."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


class SigningKey(Base):
    """An ES256 key pair, `since` when it is what it is. One is next and one current at a time.

    The private part is sealed, and bound to the key's id; a retired key has none any more.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        Index(
            "uq_signing_keys_state",
            "state",
            unique=True,
            postgresql_where=text("state <> 'retired'"),
        ),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_private: Mapped[str | None]
    state: Mapped[KeyState]
    since: Mapped[datetime]

    def open(self, secret: bytes) -> ECKey:
        """The key pair; raises `NotReadable`."""
        if self.sealed_private is None:
            raise NotReadable(f"{self.kid} is retired")
        return ECKey.import_key(orjson.loads(unseal(self.sealed_private, self.kid, secret)))

    def promote(self, now: datetime) -> None:
        """Sign from now on."""
        self.state, self.since = KeyState.CURRENT, now

    def retire(self, now: datetime) -> None:
        """Sign no more, and be unable to."""
        self.state, self.since, self.sealed_private = KeyState.RETIRED, now, None


def make_signing_key(secret: bytes, state: KeyState, now: datetime) -> SigningKey:
    """A new key pair, sealed with the secret's 32 bytes."""
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
    kid = key.kid or ""
    sealed = seal(orjson.dumps(key.as_dict(private=True)), kid, secret)
    public = key.as_dict(private=False)
    return SigningKey(kid=kid, public=public, sealed_private=sealed, state=state, since=now)
