"""One batch of messages into one transaction: position, inbox rows, effects, outbox rows."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor, process_actor
from florin_chassis.errors import ConsumerHalted
from florin_chassis.metrics import CONSUMER_GAPS
from florin_chassis.road.express import Express, gaps, is_express
from florin_chassis.road.fence import Move, move
from florin_chassis.road.messages import Message, Record
from florin_chassis.road.parking import BEHIND, count_parked, forget, key_of, park, parked_keys
from florin_chassis.road.projections import Projected, project
from florin_chassis.road.sequences import Sequences
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.telemetry import continuing
from florin_chassis.transaction import transact

_RECEIVE: Final = text(
    "INSERT INTO inbox (event_id) SELECT unnest(CAST(:ids AS uuid[]))"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)


class Culprit(Exception):
    """A batch failed at its `index`-th message, with `error`; nothing was written."""

    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(index, error)
        self.index, self.error = index, error


class Inbox:
    """Applies messages once each, in their order."""

    def __init__(self, runtime: Runtime, subscriptions: Subscriptions) -> None:
        self._runtime, self._subscriptions = runtime, subscriptions
        self._express = Express(runtime.database.engine)

    async def apply(self, messages: Sequence[Message], step: Move | None = None) -> Counter[str]:
        """Everything that messages of one topic cause, in one transaction, and the step past them.

        Returns how many had which outcome. Raises `Fenced`, `Culprit` when it is known which
        message failed, or whatever the database raises; with nothing written.
        """
        if step and self._is_express(messages):
            outcomes, skipped = await self._express.apply(messages, step)
            CONSUMER_GAPS.labels(messages[0].record.topic).inc(skipped)
            if outcomes:
                return outcomes
        async with self._session() as session:
            if step:
                await move(session, step)
            batch = await self._batch(session, messages)
            batch.fresh = await _receive(session, messages)
            batch.held = await parked_keys(session, [message.record for message in messages])
            await batch.run(messages)
            await self._commit(session, batch)
        CONSUMER_GAPS.labels(messages[0].record.topic).inc(batch.gaps)
        return batch.outcomes

    async def park(self, record: Record, message: Message | None, error: str, step: Move) -> None:
        """Put the record aside, and step past it; raises `Fenced`, and `ConsumerHalted` when full.

        Its event counts as received: should it come a second time, that one is a duplicate.
        """
        async with self._session() as session:
            await move(session, step)
            if await count_parked(session) >= self._runtime.settings.parked_max:
                raise ConsumerHalted("too many events are parked: replay or discard them")
            if message and not message.is_state:
                await _receive(session, [message])
            await park(session, self._runtime.service, record, error)
            await self._runtime.commit(session)

    async def replay(self, session: AsyncSession, message: Message) -> None:
        """Everything that a parked message causes, in the caller's transaction."""
        batch = await self._batch(session, [message])
        batch.fresh = {message.envelope.id}
        await batch.run([message])

    def _is_express(self, messages: Sequence[Message]) -> bool:
        """A topic with handlers is guarded by more than its projections."""
        first = messages[0]
        return (first.is_state or first.topic not in self._subscriptions.handled) and is_express(
            messages
        )

    def _session(self) -> AsyncSession:
        return self._runtime.database.session(process_actor(self._runtime.service))

    async def _batch(self, session: AsyncSession, messages: Sequence[Message]) -> "Batch":
        """The guard of a topic with handlers is read; others are guarded by their projection."""
        first, sequences = messages[0], None
        if not first.is_state and first.topic in self._subscriptions.handled:
            subjects = {message.subject for message in messages}
            sequences = await Sequences.read(session, first.topic, subjects)
        counts_gaps = not first.is_state
        return Batch(session, self._runtime.service, self._subscriptions, sequences, counts_gaps)

    async def _commit(self, session: AsyncSession, batch: "Batch") -> None:
        if batch.stated:
            await self._runtime.commit(session)
        else:
            await session.commit()


class Batch:
    """What messages of one topic do within one transaction. Projections are written in bulk."""

    def __init__(
        self,
        session: AsyncSession,
        service: str,
        subscriptions: Subscriptions,
        sequences: Sequences | None,
        counts_gaps: bool,
    ) -> None:
        self._session, self._service, self._subscriptions = session, service, subscriptions
        self._sequences, self._counts_gaps = sequences, counts_gaps
        self._pending: list[Projected] = []
        self.fresh: set[UUID] = set()
        self.held: dict[str, bool] = {}
        self.outcomes: Counter[str] = Counter()
        self.gaps = 0
        self.stated = False

    async def run(self, messages: Sequence[Message]) -> None:
        """Apply all, in order; raises `Culprit` when it is known which one failed."""
        for index, message in enumerate(messages):
            try:
                self.outcomes[await self._one(message)] += 1
            except Exception as error:
                raise Culprit(index, error) from error
        await self._project()
        if self._sequences:
            await self._sequences.write(self._session)
            self.gaps = self._sequences.gaps

    async def _one(self, message: Message) -> str:
        if not message.is_state:
            if message.envelope.id not in self.fresh:
                return "duplicate"
            self.fresh.discard(message.envelope.id)  # it may stand twice in one batch
        if (key := key_of(message.record)) in self.held:
            await self._park_behind(message.record, replayed=self.held[key])
            return "parked"
        follows = self._sequences is None or self._sequences.step(
            message.subject, message.envelope.sequence
        )
        if message.projected:
            self._pending.append(message.projected)
        if message.event is None:
            return "ignored" if message.is_ignored else "handled"
        if not follows:
            return "outdated"
        await self._project()
        await self._handle(message)
        return "handled"

    async def _park_behind(self, record: Record, *, replayed: bool) -> None:
        await park(self._session, self._service, record, BEHIND, replayed=replayed)
        self.stated = True

    async def _handle(self, message: Message) -> None:
        """One message's handlers, each in the name of whoever caused the event."""
        cause: Any = message.envelope
        actor = Actor(
            name=cause.actor, on_behalf_of=cause.onbehalfof, reason=cause.reason, everywhere=True
        )
        with continuing(cause.traceparent, f"process {cause.type}", trace.SpanKind.CONSUMER):
            async with transact(self._session, self._service, actor, cause) as transaction:
                for handler in self._subscriptions.handlers(cause.type):
                    await handler(message.event, transaction)
        self.stated = self.stated or bool(transaction.facts)

    async def _project(self) -> None:
        pending, self._pending = self._pending, []
        kept = await project(self._session, pending)
        if erased := [str(one.id) for one in pending if one.state is None]:
            await forget(self._session, erased)
        if self._counts_gaps and not self._sequences:
            self.gaps += gaps(pending, kept)


async def _receive(session: AsyncSession, messages: Sequence[Message]) -> set[UUID]:
    """Write the inbox rows and return the ids that were not there before; states have none."""
    ids = {message.envelope.id for message in messages if not message.is_state}
    if not ids:
        return set()
    return set(await session.scalars(_RECEIVE, {"ids": list(ids)}))
