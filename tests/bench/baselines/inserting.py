"""asyncpg alone: the rows that a consumer writes, batch by batch, from values already at hand."""

import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from tests.bench.backlog import plain_url
from tests.bench.consuming import Effect, empty, require_effects, stated

_BATCH: Final = 500
_INBOX: Final = (
    "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[])"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_PROJECTION: Final = (
    "INSERT INTO projected_states (topic, id, sequence, state) SELECT $1, * FROM"
    " unnest($2::uuid[], $3::bigint[], $4::text[]::jsonb[]) ON CONFLICT DO NOTHING"
)
_EFFECT: Final = "INSERT INTO effects SELECT * FROM unnest($1::uuid[], $2::text[])"


async def insert_batches(database_url: str, events: int, effect: Effect) -> float:
    """Events a second: inbox row and effect, one transaction for each batch."""
    await empty(database_url)
    connection = await asyncpg.connect(plain_url(database_url))
    rows = [
        (envelope, provider, provider.model_dump_json()) for provider, envelope in stated(events)
    ]
    started = time.perf_counter()
    for first in range(0, events, _BATCH):
        batch = rows[first : first + _BATCH]
        async with connection.transaction():
            await connection.fetch(_INBOX, [envelope.id for envelope, _, _ in batch])
            await connection.execute(*_written(batch, effect))
    seconds = time.perf_counter() - started
    await connection.close()
    table = "effects" if effect == "handler" else "projected_states"
    await require_effects(database_url, table, events)
    return events / seconds


def _written(batch: Sequence[Any], effect: Effect) -> tuple[Any, ...]:
    ids = [provider.id for _, provider, _ in batch]
    if effect == "handler":
        return _EFFECT, ids, [provider.name for _, provider, _ in batch]
    sequences = [envelope.sequence for envelope, _, _ in batch]
    return _PROJECTION, batch[0][1].topic, ids, sequences, [state for _, _, state in batch]
