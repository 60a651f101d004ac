"""The signing keys as a process has them open: one signs, all of them are published."""

import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.sealing import NotReadable
from florin_chassis.tokens import ALGORITHM
from florin_identity.models.signing_key import KeyState, SigningKey

RENEWED_EVERY_S: Final = 1
_log = structlog.get_logger(__name__)


class KeyRing:
    """One for each process, which renews it as requests come; it never publishes a private part."""

    published: dict[str, Any]

    def __init__(self, keys: Sequence[SigningKey], secret: bytes) -> None:
        self._secret = secret
        self._kid, self._signing = "", ECKey.generate_key("P-256")
        self._due_at = 0
        self._take(keys)

    def sign(self, claims: dict[str, Any], type_: str = "JWT") -> str:
        """The claims as a signed JWT, whose header says of which type."""
        header = {"typ": type_, "alg": ALGORITHM, "kid": self._kid}
        return jwt.encode(header, claims, self._signing)

    async def renew(self, session: AsyncSession) -> None:
        """Read the keys again, if that was not done within the last seconds.

        One request does so, in its own session; the others go on meanwhile with what there is. That
        the database does not answer is no reason to publish nothing.
        """
        now = int(time.monotonic())
        if now < self._due_at:
            return
        self._due_at = now + RENEWED_EVERY_S
        try:
            self._take(await read_keys(session))
        except (SQLAlchemyError, OSError, NotReadable) as error:
            self._due_at = now
            _log.warning("signing keys not read again", error=repr(error))
            await session.rollback()

    def _take(self, keys: Sequence[SigningKey]) -> None:
        current = next(key for key in keys if key.state is KeyState.CURRENT)
        if current.kid != self._kid:
            self._kid, self._signing = current.kid, current.open(self._secret)
        self.published = {"keys": [key.public for key in keys]}
        self._due_at = int(time.monotonic()) + RENEWED_EVERY_S


async def read_keys(session: AsyncSession) -> list[SigningKey]:
    """All keys: current, next, retired, as it happens in the order of these words."""
    in_order = select(SigningKey).order_by(SigningKey.state, SigningKey.since.desc())
    return list(await session.scalars(in_order))
