"""The signing keys of this installation: the newest signs, all of them are published."""

from collections.abc import Sequence
from typing import Any, Final

from joserfc import jwt
from sqlalchemy import select, text

from florin_chassis.tokens import ALGORITHM
from florin_chassis.transaction import Begin
from florin_identity.models.signing_key import SigningKey, make_signing_key

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('florin.signing-keys', 0))")


class KeyRing:
    """Opened once a process; what it publishes never holds a private part."""

    def __init__(self, keys: Sequence[SigningKey], secret: bytes) -> None:
        self._kid, self._newest = keys[-1].kid, keys[-1].open(secret)
        self.published: dict[str, Any] = {"keys": [key.public for key in keys]}

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a signed JWT."""
        return jwt.encode({"alg": ALGORITHM, "kid": self._kid}, claims, self._newest)


async def open_key_ring(begin: Begin, secret: bytes) -> KeyRing:
    """The installation's keys; the first process to ask makes the first one, the others wait.

    Raises `NotReadable` when the secret is not the one that they were sealed with.
    """
    async with begin() as transaction:
        await transaction.session.execute(LOCK)
        stored = select(SigningKey).order_by(SigningKey.created_at, SigningKey.kid)
        keys = list(await transaction.session.scalars(stored))
        if not keys:
            keys = [make_signing_key(secret)]
            transaction.session.add_all(keys)
    return KeyRing(keys, secret)
