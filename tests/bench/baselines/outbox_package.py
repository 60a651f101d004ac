"""The faststream-outbox package, as its documentation writes a relay to Kafka, at its fastest.

Its rows are leased by batches, sent by many workers at once, each waiting for its own
acknowledgement, and deleted by batches. With more than one worker it keeps no order of a key.
"""

import asyncio
import time
from typing import Annotated, Any

import asyncpg
import orjson
from faststream import Context
from faststream.kafka import KafkaBroker
from faststream_outbox import OutboxBroker, make_outbox_table
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from tests.bench.backlog import event, plain_url

_QUEUE = "events"
_WORKERS = 25
_BATCH = 500
_POLL_S = 0.01
_COLUMNS = ("queue", "payload", "headers")


async def relay_by_package(database_url: str, kafka_bootstrap: str, events: int) -> float:
    """Events a second, from start until all of a backlog is acknowledged and its rows are gone."""
    metadata = MetaData()
    table = make_outbox_table(metadata, table_name="package_outbox")
    engine = create_async_engine(database_url, pool_size=_WORKERS + 5)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
    await _fill(database_url, events)
    outbox = OutboxBroker(engine, outbox_table=table, logger=None)
    kafka = KafkaBroker(kafka_bootstrap, acks="all", enable_idempotence=True, logger=None)

    @outbox.subscriber(
        _QUEUE,
        max_workers=_WORKERS,
        fetch_batch_size=_BATCH,
        terminal_flush_batch_size=_BATCH // _WORKERS,
        min_fetch_interval=0.01,
        decoder=_undecoded,
    )
    async def relay(body: bytes, message: Annotated[Any, Context()]) -> None:
        headers = message.headers
        await kafka.publish(body, headers["topic"], key=headers["key"].encode(), headers=headers)

    started = time.perf_counter()
    async with kafka, outbox:
        await kafka.start()
        await outbox.start()
        await _until_empty(database_url)
        seconds = time.perf_counter() - started
    await engine.dispose()
    return events / seconds


async def _undecoded(message: Any) -> Any:
    return message.body


async def _fill(database_url: str, events: int) -> None:
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        rows = [_row(number) for number in range(events)]
        await connection.copy_records_to_table("package_outbox", records=rows, columns=_COLUMNS)
        await connection.execute("VACUUM ANALYZE package_outbox")
    finally:
        await connection.close()


def _row(number: int) -> tuple[str, bytes, str]:
    provider, envelope = event(number)
    headers = {name: value.decode() for name, value in envelope.to_headers()}
    where = {"topic": provider.topic, "key": str(provider.id), "correlation_id": str(envelope.id)}
    return _QUEUE, provider.model_dump_json().encode(), orjson.dumps(headers | where).decode()


async def _until_empty(database_url: str) -> None:
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        while await connection.fetchval("SELECT EXISTS (SELECT FROM package_outbox)"):  # noqa: ASYNC110 - as an operator would look
            await asyncio.sleep(_POLL_S)
    finally:
        await connection.close()
