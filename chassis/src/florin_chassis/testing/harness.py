"""A service in a test: its own database, its real application, events delivered by hand."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import select

from florin_chassis.actor import Actor
from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_chassis.processes import service_app
from florin_chassis.road.inbox import Inbox, Message
from florin_chassis.runtime import Runtime
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings
from florin_chassis.tables import outbox
from florin_chassis.testing.guard import assert_rows_match_events
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier
from florin_chassis.transaction import Begin
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.event import Event
from florin_contracts.events import event_types

ADMINISTRATOR = Actor(name="user/test", everywhere=True)


@dataclass
class Harness:
    """`http` asks the service's application; `issuer` signs tokens that it accepts."""

    service: Service
    runtime: Runtime
    http: httpx.AsyncClient
    issuer: Issuer

    @property
    def begin(self) -> Begin:
        """A `Begin` that may do anything."""
        return self.runtime.begin_as(ADMINISTRATOR)

    def signed_in(self, *permissions: str, **claims: Any) -> dict[str, str]:
        """Headers of someone with these permissions; `everywhere=True` or `reach=...` say where."""
        return {"Authorization": f"Bearer {self.issuer.token(permissions, **claims)}"}

    async def deliver(self, *events: Event, subject: UUID | None = None, sequence: int = 1) -> None:
        """Handle events as if they had come from Kafka, all in one batch, each with its own id."""
        messages = [self._message(event, subject, sequence) for event in events]
        await Inbox(self.runtime, self.service.subscriptions).apply(messages)

    async def redeliver(self, *stated: dict[str, Any]) -> None:
        """Handle events of `stated()` as if they had come from Kafka, ids and all."""
        messages = [self._wrap(Envelope.model_validate(e["envelope"]), e["data"]) for e in stated]
        await Inbox(self.runtime, self.service.subscriptions).apply(messages)

    def _message(self, event: Event, subject: UUID | None, sequence: int) -> Message:
        envelope = Envelope(
            id=new_id(),
            source="florin/test",
            type=event.type,
            subject=subject or event.id,  # type: ignore[attr-defined]
            time=datetime.now(UTC),
            sequence=sequence,
            dataschema=schema_id(event.type),
            actor="user/test",
        )
        return self._wrap(envelope, event.model_dump(mode="json"))

    def _wrap(self, envelope: Envelope, data: Any) -> Message:
        """As the consumer would have read it from Kafka."""
        record: Any = SimpleNamespace(
            topic=event_types()[envelope.type].topic,
            partition=0,
            offset=0,
            key=str(envelope.subject).encode(),
            headers=envelope.to_headers(),
            value=orjson.dumps(data),
        )
        return Message.read(record, self.service.subscriptions)

    async def stated(self, kind: type[Event] | None = None) -> list[dict[str, Any]]:
        """The events in the outbox, oldest first, as `{"envelope": {...}, "data": {...}}`."""
        async with self.runtime.database.engine.connect() as connection:
            rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
        events = [
            {"envelope": orjson.loads(r.envelope), "data": orjson.loads(r.data)} for r in rows
        ]
        return [e for e in events if kind is None or e["envelope"]["type"] == kind.type]


@asynccontextmanager
async def harness(service: Service, settings: ServiceSettings) -> AsyncIterator[Harness]:
    """The service on its migrated database; at the end, every row must match its events."""
    issuer = Issuer()
    database = Database(settings)
    verifier = TokenVerifier(issuer, ISSUER, AUDIENCE)
    topics = frozenset(service.subscriptions.awaited)
    runtime = Runtime(service.name, settings, database, verifier, topics)
    transport = httpx.ASGITransport(await service_app(service, runtime))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            yield Harness(service, runtime, http, issuer)
        await assert_rows_match_events(database.engine, service.metadata)
    finally:
        await _truncate(database, service)
        await database.close()


async def _truncate(database: Database, service: Service) -> None:
    """Leave an empty database to the next test."""
    from florin_chassis.tables import chassis_metadata  # noqa: PLC0415

    tables: Iterable[str] = [
        f'"{table.name}"'
        for metadata in (service.metadata, chassis_metadata)
        for table in metadata.tables.values()
    ]
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
