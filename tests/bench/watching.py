"""Creates providers, and watches the clients service's database for each to be known there."""

import asyncio
import time
from uuid import UUID

import asyncpg
import orjson
from tests.bench.backlog import plain_url
from tests.bench.latency import p99_ms
from tests.bench.load import Connection, new_provider

_KNOWN = "SELECT 1 FROM projected_states WHERE topic = 'providers-provider' AND id = $1"
_POLL_S = 0.0005
_PATIENCE_S = 30
_WARM_UP = 20


async def create_and_watch(port: int, database_url: str, token: str, samples: int) -> float:
    """The p99 of the times from a 201 to the state, in milliseconds."""
    providers = await Connection.open(port)
    database = await asyncpg.connect(plain_url(database_url))
    headers = {"Authorization": f"Bearer {token}"}
    seconds = []
    for _ in range(_WARM_UP + samples):
        answer = await providers.create("/providers", new_provider(), headers)
        answered = time.perf_counter()
        await _known(database, UUID(orjson.loads(answer)["id"]))
        seconds.append(time.perf_counter() - answered)
    await database.close()
    providers.close()
    return p99_ms(seconds[_WARM_UP:])


async def _known(database: asyncpg.Connection, provider_id: UUID) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not await database.fetchval(_KNOWN, provider_id):  # noqa: ASYNC110 - as a reader would
            await asyncio.sleep(_POLL_S)
