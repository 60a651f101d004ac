"""A service in a test: its own database, its real application, events delivered by hand."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
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
from florin_chassis.road.inbox import Culprit, Inbox
from florin_chassis.road.messages import Message, Reader
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

# What a slot still has of a truncated outbox would be taken for the next test's events.
_DROP_SLOTS = (
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
    " WHERE database = current_database() AND NOT active"
)

# A table that refuses to be emptied is emptied all the same, here and nowhere else.
_TRIGGERS = (
    "SELECT tgrelid::regclass::text AS relation, quote_ident(tgname) AS name,"
    " tgenabled::text AS enabled FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"
)
_ENABLE = {"A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "O": "ENABLE", "D": "DISABLE"}

ADMINISTRATOR = Actor(name="user/test", everywhere=True)


@dataclass(repr=False)
class Harness:
    """`http` asks the service's application; `issuer` signs tokens that it accepts."""

    service: Service
    runtime: Runtime
    http: httpx.AsyncClient
    issuer: Issuer
    _delivered: Counter[tuple[str, UUID]] = field(default_factory=Counter)

    @property
    def begin(self) -> Begin:
        """A `Begin` that may do anything."""
        return self.runtime.begin_as(ADMINISTRATOR)

    def signed_in(self, *permissions: str, **claims: Any) -> dict[str, str]:
        """Headers of someone with these permissions; `everywhere=True` or `reach=...` say where."""
        return {"Authorization": f"Bearer {self.issuer.token(permissions, **claims)}"}

    async def deliver(
        self, *events: Event, subject: UUID | None = None, sequence: int | None = None
    ) -> None:
        """Handle events as if they had come from Kafka, each with its own id.

        Without a `sequence` each is the next of its aggregate. Neighbours of one topic are a batch.
        """
        await self._apply(*(self._message(event, subject, sequence) for event in events))

    async def redeliver(self, *stated: dict[str, Any]) -> None:
        """Handle events of `stated()` as if they had come from Kafka, ids and all."""
        await self._apply(
            *(self._wrap(Envelope.model_validate(e["envelope"]), e["data"]) for e in stated)
        )

    async def _apply(self, *messages: Message) -> None:
        """Raises what a handler raises."""
        inbox = Inbox(self.runtime, self.service.subscriptions)
        try:
            for _, batch in groupby(messages, lambda message: message.record.topic):
                await inbox.apply(list(batch))
        except Culprit as culprit:
            raise culprit.error from culprit

    def _message(self, event: Event, subject: UUID | None, sequence: int | None) -> Message:
        about: UUID = subject or event.id  # type: ignore[attr-defined]
        self._delivered[event.topic, about] = sequence or self._delivered[event.topic, about] + 1
        envelope = Envelope(
            id=new_id(),
            source="florin/test",
            type=event.type,
            subject=about,
            time=datetime.now(UTC),
            sequence=self._delivered[event.topic, about],
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
            timestamp=0,
            key=str(envelope.subject).encode(),
            headers=envelope.to_headers(),
            value=orjson.dumps(data),
        )
        return Reader(self.service.subscriptions, self.runtime.settings).read(record)

    async def stated(self, kind: type[Event] | None = None) -> list[dict[str, Any]]:
        """The facts in the outbox, oldest first, as `{"envelope": {...}, "data": {...}}`."""
        async with self.runtime.database.engine.connect() as connection:
            rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
        events = [
            {"envelope": orjson.loads(row.envelope), "data": orjson.loads(row.data)}
            for row in rows
            if not row.topic.endswith(("-state", "-dead-letters"))
        ]
        return [e for e in events if kind is None or e["envelope"]["type"] == kind.type]


@asynccontextmanager
async def harness(service: Service, settings: ServiceSettings) -> AsyncIterator[Harness]:
    """The service on its database, empty before and after; at the end, rows must match events."""
    issuer = Issuer(service.catalogue)
    database = Database(settings)
    verifier = TokenVerifier(issuer, ISSUER, AUDIENCE, catalogue=service.catalogue)
    topics = frozenset(service.subscriptions.awaited)
    runtime = Runtime(service.name, settings, database, verifier, topics)
    try:
        await _truncate(database, service)
        transport = httpx.ASGITransport(await service_app(service, runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            yield Harness(service, runtime, http, issuer)
        await assert_rows_match_events(database.engine, service.metadata)
    finally:
        await _truncate(database, service)
        await database.close()


async def _truncate(database: Database, service: Service) -> None:
    """Whatever an earlier test has left, its rows and its slots, goes."""
    from florin_chassis.tables import chassis_metadata  # noqa: PLC0415

    tables: Iterable[str] = [
        f'"{table.name}"'
        for metadata in (service.metadata, chassis_metadata)
        for table in metadata.tables.values()
    ]
    async with database.engine.begin() as connection:
        triggers = (await connection.exec_driver_sql(_TRIGGERS)).all()
        for trigger in triggers:
            await connection.exec_driver_sql(
                f"ALTER TABLE {trigger.relation} DISABLE TRIGGER {trigger.name}"
            )
        await connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        for trigger in triggers:
            await connection.exec_driver_sql(
                f"ALTER TABLE {trigger.relation} {_ENABLE[trigger.enabled]} TRIGGER {trigger.name}"
            )
        await connection.exec_driver_sql(_DROP_SLOTS)
