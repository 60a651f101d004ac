"""`Idempotency-Key`: the answer is kept in the same transaction as the effect that it tells of."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Malformed, Refusal
from florin_chassis.tables import idempotency_records as records

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY_LENGTH_MAX: Final = 255
_KEPT_HEADERS: Final = ("content-type", "etag", "location", "florin-position")


class KeyInFlight(Refusal):
    """A request with this idempotency key is being answered right now."""

    code = "idempotency_key_in_flight"
    headers = {"Retry-After": "1"}  # noqa: RUF012


class KeyReused(Malformed):
    """This idempotency key was used for another request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key within its actor, and the fingerprint of the request it stands for.

    Only the digest of the key is kept, and the fingerprint is made with the key: whoever reads the
    table can try no passwords against the fingerprint of a registration.
    """

    actor: str
    digest: str
    fingerprint: bytes

    @classmethod
    async def of(cls, request: Request, actor: str) -> "Key | None":
        """The request's key; `None` when it has none. Raises `Malformed` on an unusable one."""
        value = request.headers.get(HEADER)
        if value is None:
            return None
        if not 1 <= len(value) <= _KEY_LENGTH_MAX or not value.isascii() or not value.isprintable():
            raise Malformed.field(HEADER, f"is 1 to {_KEY_LENGTH_MAX} printable characters")
        target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        secret = value.encode()
        fingerprint = hmac.digest(secret, target + await request.body(), "sha256")
        return cls(actor, hashlib.sha256(secret).hexdigest(), fingerprint)

    async def claim(self, session: AsyncSession) -> Response | None:
        """Hold the key until the transaction ends; the kept answer if there is one already.

        Raises `KeyInFlight` while another request holds it, `KeyReused` for another request's key.
        """
        lock = func.pg_try_advisory_xact_lock(
            func.hashtextextended(f"{self.actor} {self.digest}", 0)
        )
        mine = (records.c.actor == self.actor) & (records.c.key == self.digest)
        claimed = select(lock.label("held")).subquery()
        found = await session.execute(
            select(claimed.c.held, records).select_from(claimed.outerjoin(records, mine))
        )
        row = found.one()
        if row.fingerprint is not None:
            return self._replay(row)
        if not row.held:
            raise KeyInFlight("a request with this idempotency key is being answered: try again")
        return None

    def _replay(self, row: Row[tuple[object, ...]]) -> Response:
        if row.fingerprint != self.fingerprint:
            raise KeyReused("this idempotency key was used for another request")
        return Response(row.body, row.status, {**row.headers, REPLAYED: "true"})

    async def keep(self, session: AsyncSession, response: Response) -> None:
        """Write the answer into the session's transaction; raises `KeyInFlight` if second."""
        headers = {n: response.headers[n] for n in _KEPT_HEADERS if n in response.headers}
        kept = await session.execute(
            insert(records)
            .values(
                actor=self.actor,
                key=self.digest,
                fingerprint=self.fingerprint,
                status=response.status_code,
                headers=headers,
                body=bytes(response.body),
            )
            .on_conflict_do_nothing()
            .returning(records.c.key)
        )
        if kept.first() is None:
            raise KeyInFlight("a request with this idempotency key was answered: try again")
