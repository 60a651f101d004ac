"""FastStream as its users write an idempotent consumer: message by message, a commit for each."""

import asyncio
import time
from typing import Final
from uuid import uuid4

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.bench.consuming import empty, loaded, require_effects

from florin_contracts.providers import ProviderCreated

_POLL_S: Final = 0.005
_RECEIVE: Final = text(
    "INSERT INTO inbox (event_id) VALUES (:id) ON CONFLICT DO NOTHING RETURNING event_id"
)
_EFFECT: Final = text(
    "INSERT INTO projected_states (topic, id, sequence, state)"
    " VALUES (:topic, :id, :sequence, CAST(:state AS jsonb))"
    " ON CONFLICT (topic, id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state"
    " WHERE projected_states.sequence < excluded.sequence"
)


async def consume_one_by_one(database_url: str, kafka_bootstrap: str, events: int) -> float:
    """Messages a second, from the first handled to the last, each acknowledged after its commit."""
    prefix = f"{uuid4().hex}-"
    await empty(database_url)
    engine = create_async_engine(database_url)
    broker = KafkaBroker(kafka_bootstrap, logger=None)
    handled: list[float] = []

    @broker.subscriber(
        prefix + ProviderCreated.topic,
        group_id=prefix,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        auto_offset_reset="earliest",
    )
    async def keep(provider: ProviderCreated, message: KafkaMessage) -> None:
        headers = message.headers
        async with engine.begin() as connection:
            received = await connection.execute(_RECEIVE, {"id": headers["ce_id"]})
            if received.first():
                effect = {
                    "topic": provider.topic,
                    "id": provider.id,
                    "sequence": int(headers["ce_sequence"]),
                    "state": provider.model_dump_json(),
                }
                await connection.execute(_EFFECT, effect)
        handled.append(time.perf_counter())

    async with loaded(kafka_bootstrap, prefix, events, 1), broker:
        await broker.start()
        while len(handled) < events:  # noqa: ASYNC110 - FastStream tells nobody
            await asyncio.sleep(_POLL_S)
    await engine.dispose()
    await require_effects(database_url, "projected_states", events)
    return (events - 1) / (handled[-1] - handled[0])
