"""One batch of messages into one transaction: inbox rows, effects and outbox rows together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from aiokafka import ConsumerRecord
from opentelemetry import trace
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.tables import inbox, parked_events
from florin_chassis.telemetry import continuing
from florin_chassis.transaction import transact
from florin_contracts.envelope import Envelope
from florin_contracts.event import Event
from florin_contracts.events import event_types


@dataclass(frozen=True, slots=True)
class Message:
    """A Kafka record that is one of our events; `event` is `None` when nobody handles its type."""

    record: ConsumerRecord[bytes, bytes]
    envelope: Envelope
    event: Event | None

    @classmethod
    def read(cls, record: ConsumerRecord[bytes, bytes], subscriptions: Subscriptions) -> Self:
        """Raises `ValueError` on a record that is no event of ours, or not of its schema."""
        envelope = Envelope.from_headers(record.headers)
        if record.key != str(envelope.subject).encode():
            raise ValueError("the record's key is not the event's subject")
        if not subscriptions.handlers(envelope.type):
            return cls(record, envelope, None)
        return cls(record, envelope, event_types()[envelope.type].model_validate_json(record.value))


class Inbox:
    """Applies messages once each, in their order."""

    def __init__(self, runtime: Runtime, subscriptions: Subscriptions) -> None:
        self._runtime, self._subscriptions = runtime, subscriptions

    async def apply(self, messages: Sequence[Message]) -> None:
        """Everything the messages cause, in one transaction; duplicates cause nothing.

        Raises whatever a handler raises, with nothing written.
        """
        system = Actor(name=f"service/{self._runtime.service}", everywhere=True)
        async with self._runtime.database.session(system) as session:
            fresh = await _receive(session, messages)
            held = await _parked_keys(session, messages)
            for message in messages:
                if message.envelope.id not in fresh:
                    continue
                fresh.discard(message.envelope.id)  # the same event may stand twice in one batch
                if (message.record.topic, _key(message.record)) in held:
                    await park(session, message.record, "follows a parked event of its key")
                else:
                    await self.handle(session, message)
            await self._runtime.commit(session)

    async def handle(self, session: AsyncSession, message: Message) -> None:
        """One message's handlers, each in the name of whoever caused the event."""
        if message.event is None:
            return
        actor = Actor(
            name=message.envelope.actor,
            on_behalf_of=message.envelope.onbehalfof,
            reason=message.envelope.reason,
            everywhere=True,
        )
        service, cause = self._runtime.service, message.envelope
        with continuing(cause.traceparent, f"process {cause.type}", trace.SpanKind.CONSUMER):
            async with transact(session, service, actor, cause) as transaction:
                for handler in self._subscriptions.handlers(cause.type):
                    await handler(message.event, transaction)


async def _receive(session: AsyncSession, messages: Sequence[Message]) -> set[UUID]:
    """Write the inbox rows and return the ids that were not there before."""
    rows = [{"event_id": event_id} for event_id in {m.envelope.id for m in messages}]
    if not rows:
        return set()
    written = insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id)
    return set(await session.scalars(written))


async def _parked_keys(session: AsyncSession, messages: Sequence[Message]) -> set[tuple[str, str]]:
    """The keys of this batch that already wait behind a parked event."""
    keys = {_key(message.record) for message in messages}
    topics = {message.record.topic for message in messages}
    waiting = parked_events.c.topic.in_(topics) & parked_events.c.key.in_(keys)
    columns = (parked_events.c.topic, parked_events.c.key)
    rows = await session.execute(select(*columns).where(waiting))
    return {(row.topic, row.key) for row in rows}


async def park(session: AsyncSession, record: ConsumerRecord[bytes, bytes], error: str) -> None:
    """Put a record aside as it came, with its key, for a person to look at."""
    row: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": _key(record),
        "headers": [[_text(name.encode()), _text(value)] for name, value in record.headers],
        "value": record.value or b"",
        "error": error[:2_000],
    }
    await session.execute(insert(parked_events).values(row).on_conflict_do_nothing())


def _key(record: ConsumerRecord[bytes, bytes]) -> str:
    return _text(record.key or b"")


def _text(raw: bytes) -> str:
    """Readable, and storable: PostgreSQL's text holds no NUL."""
    return raw.decode(errors="replace").replace("\x00", "\ufffd")
