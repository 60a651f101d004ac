"""Registers clients at identity, and watches the clients service's database for each to appear."""

import asyncio
import time
from uuid import UUID, uuid4

import asyncpg
import orjson
from tests.bench.backlog import plain_url
from tests.bench.latency import p99_ms
from tests.bench.load import Connection

_POLL_S = 0.0005
_PATIENCE_S = 30
_WARM_UP = 5


def register(provider_id: str) -> dict[str, str]:
    """A registration that nobody made yet."""
    return {
        "name": "Client",
        "email": f"{uuid4().hex}@example.com",
        "password": uuid4().hex,
        "provider_id": provider_id,
        "country": "AT",
    }


async def register_and_watch(port: int, database_url: str, provider_id: str, samples: int) -> float:
    """The p99 of the times from a 201 to the row, in milliseconds."""
    identity = await Connection.open(port)
    database = await asyncpg.connect(plain_url(database_url))
    seconds = []
    for _ in range(_WARM_UP + samples):
        answer = await identity.create("/registrations", register(provider_id), {})
        answered = time.perf_counter()
        await _appears(database, UUID(orjson.loads(answer)["client_id"]))
        seconds.append(time.perf_counter() - answered)
    await database.close()
    identity.close()
    return p99_ms(seconds[_WARM_UP:])


async def _appears(database: asyncpg.Connection, client_id: UUID) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        query = "SELECT 1 FROM clients WHERE id = $1"
        while not await database.fetchval(query, client_id):  # noqa: ASYNC110 - as a reader would
            await asyncio.sleep(_POLL_S)
