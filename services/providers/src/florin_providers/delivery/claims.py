"""Claims lanes that are due, so that no two processes deliver one aggregate's events at once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_providers.delivery.sending import Parcel
from florin_providers.models.webhook_secret import open_secret
from florin_providers.settings import Settings

# One claims at a time, so that the bound of a webhook is exact. A process that is stopped within
# the transaction loses it before long, and holds nobody up.
_ALONE: Final = text(
    "SELECT set_config('idle_in_transaction_session_timeout', '5000', true),"
    " pg_advisory_xact_lock(hashtextextended('florin.webhook-claims', 0))"
)
# A webhook that fails is tried by one delivery at a time: it keeps nobody else waiting.
_CLAIM: Final = text("""
WITH room AS (
    SELECT w.id,
        CASE WHEN h.webhook_id IS NULL THEN :each ELSE 1 END - (
            SELECT count(*) FROM webhook_lanes c
            WHERE c.webhook_id = w.id AND c.claim IS NOT NULL AND c.due_at > now()
        ) AS free
    FROM webhooks w LEFT JOIN webhook_health h ON h.webhook_id = w.id
    WHERE w.status = 'enabled'
), due AS (
    SELECT l.* FROM room CROSS JOIN LATERAL (
        SELECT webhook_id, topic, subject, due_at FROM webhook_lanes
        WHERE webhook_id = room.id AND due_at <= now()
        ORDER BY due_at LIMIT greatest(room.free, 0) FOR UPDATE SKIP LOCKED
    ) l
    ORDER BY l.due_at LIMIT :most
)
UPDATE webhook_lanes l SET claim = :claim, due_at = now() + make_interval(secs => :lease_s)
FROM due WHERE (l.webhook_id, l.topic, l.subject) = (due.webhook_id, due.topic, due.subject)
""")
_FIRST: Final = text("""
SELECT l.webhook_id, l.topic, l.subject, w.url, d.id, d.tries, d.event_id, m.body,
    ARRAY(
        SELECT sealed FROM webhook_secrets s
        WHERE s.webhook_id = l.webhook_id AND (s.valid_until IS NULL OR s.valid_until > now())
        ORDER BY s.id DESC
    ) AS sealed
FROM webhook_lanes l
JOIN webhooks w ON w.id = l.webhook_id
LEFT JOIN LATERAL (
    SELECT id, tries, event_id FROM webhook_deliveries
    WHERE webhook_id = l.webhook_id AND topic = l.topic AND subject = l.subject
        AND status = 'pending'
    ORDER BY sequence LIMIT 1
) d ON true
LEFT JOIN webhook_messages m ON m.event_id = d.event_id
WHERE l.claim = :claim
""")


@dataclass(frozen=True, slots=True)
class Lane:
    """The deliveries of one aggregate to one webhook, claimed: `claim` proves it."""

    webhook_id: UUID
    topic: str
    subject: UUID
    claim: UUID


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lane and its first delivery: what is sent where, and the sealed secrets to sign it with."""

    lane: Lane
    delivery_id: UUID
    tries: int
    url: str
    event_id: UUID
    body: str
    sealed: tuple[str, ...]

    def parcel(self, key: bytes) -> Parcel:
        """What is sent; raises `NotReadable` when the secrets were sealed with another key."""
        secrets = tuple(_open(sealed, self.lane.webhook_id, key) for sealed in self.sealed)
        return Parcel(self.url, self.event_id, self.body.encode(), secrets)


async def claim_due(
    database: Database, settings: Settings, most: int, lease_s: float
) -> tuple[list[Claimed], list[Lane]]:
    """At most so many lanes, longest due first, for as long as the lease; then others may.

    Those in which nothing waits any more come apart: they are to be let go.
    """
    claim = new_id()
    wanted = {"each": settings.webhook_at_once_each_max, "most": most}
    async with database.engine.begin() as connection:
        await connection.execute(_ALONE)
        await connection.execute(_CLAIM, {**wanted, "claim": claim, "lease_s": lease_s})
        # Read once the lanes are locked: it sees what the last holder of each has done.
        rows = (await connection.execute(_FIRST, {"claim": claim})).all()
    empty = [_lane(row, claim) for row in rows if row.id is None]
    return [_claimed(row, claim) for row in rows if row.id is not None], empty


def _lane(row: Row[Any], claim: UUID) -> Lane:
    return Lane(row.webhook_id, row.topic, row.subject, claim)


def _claimed(row: Row[Any], claim: UUID) -> Claimed:
    return Claimed(
        _lane(row, claim),
        row.id,
        row.tries,
        row.url,
        row.event_id,
        row.body,
        tuple(row.sealed),
    )


@lru_cache(maxsize=1_024)
def _open(sealed: str, webhook_id: UUID, key: bytes) -> bytes:
    return open_secret(sealed, webhook_id, key)
