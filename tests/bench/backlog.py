"""A backlog of real events in an outbox, and how to read it out again."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
from pydantic import SecretStr

from florin_chassis.ids import new_id
from florin_chassis.settings import ServiceSettings
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.providers import ProviderCreated

NO_KAFKA = "127.0.0.1:1"
"""Of processes that are started without what speaks to Kafka."""

_COLUMNS = ("topic", "subject", "sequence", "envelope", "data")


def settings_of(database_url: str, kafka_bootstrap: str, **particulars: Any) -> ServiceSettings:
    """What a service is told, with its defaults but for the particulars."""
    return ServiceSettings(
        database_url=SecretStr(database_url),
        kafka_bootstrap=kafka_bootstrap,
        jwks_url="http://127.0.0.1:1/jwks.json",
        token_issuer="https://florin.test",
        **particulars,
    )


def plain_url(database_url: str) -> str:
    """The URL as asyncpg wants it, without SQLAlchemy's driver in it."""
    return database_url.replace("+asyncpg", "")


async def fill(database_url: str, events: int) -> None:
    """Leave exactly so many committed, unsent events in the outbox, ids from 1."""
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        await connection.execute("TRUNCATE outbox, relay_cursors RESTART IDENTITY")
        rows = (_row(number) for number in range(events))
        await connection.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)
        await connection.execute("VACUUM ANALYZE outbox")
    finally:
        await connection.close()


def event(number: int) -> tuple[ProviderCreated, Envelope]:
    """An event as a service states it, of an aggregate of its own."""
    provider = ProviderCreated(
        id=new_id(),
        name=f"Provider {number}",
        slug=f"provider-{number}",
        currency="EUR",
        time_zone="Europe/Vienna",
        registration_open=True,
        conditions=(),
    )
    return provider, Envelope(
        id=new_id(),
        source="florin/providers",
        type=provider.type,
        subject=provider.id,
        time=datetime.now(UTC),
        sequence=1,
        dataschema=schema_id(provider.type),
        actor=f"user/{provider.id}",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def _row(number: int) -> tuple[Any, ...]:
    provider, envelope = event(number)
    attributes = envelope.model_dump_json(exclude_none=True)
    return provider.topic, provider.id, 1, attributes, provider.model_dump_json()
