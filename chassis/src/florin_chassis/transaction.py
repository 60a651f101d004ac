"""One use case, one transaction: row, event, audit row and answer stand or fall together."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import event, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError

from florin_chassis.actor import Actor
from florin_chassis.errors import ConcurrentChange, Refusal
from florin_chassis.finding import find_one
from florin_chassis.ids import new_id
from florin_chassis.origin import Origin
from florin_chassis.orm import Aggregate, Fact, Table, refusal_of, topic_of_facts
from florin_chassis.stating import (
    forget_states,
    record,
    state_attributes,
    write_last,
    write_stated,
)
from florin_chassis.tables import pending_tombstones
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.states import state_topic, state_type

A = TypeVar("A", bound=Aggregate)


class ZombieRecord(AssertionError):
    """A programming error: a stated row was about to change without the event that says so."""


class Transaction:
    """What a use case works in. Leaving its block commits everything, or nothing."""

    def __init__(
        self, session: AsyncSession, service: str, actor: Actor, cause: Envelope | None = None
    ) -> None:
        self.session = session
        self.actor = actor
        self.cause = cause
        self.facts: list[tuple[Fact, UUID]] = []
        self._late: dict[UUID, dict[str, Any]] = {}
        self._erased: dict[Aggregate, int] = {}
        self._service = service
        self._is_late = False

    @property
    def origin(self) -> Origin:
        """Where the request came from that this is done for; of nothing known outside one."""
        return self.session.info.get("origin", Origin())  # type: ignore[no-any-return]

    async def get(self, kind: type[A], aggregate_id: UUID) -> A:
        """The aggregate, locked until the transaction ends; raises `NotFound`."""
        return await find_one(self.session, kind, aggregate_id, locked=True)

    def add(self, aggregate: Aggregate) -> None:
        """Keep a new aggregate."""
        self.session.add(aggregate)

    def write_last(self, row: Table) -> None:
        """Keep a new row that nobody in this transaction reads: it is written with the commit."""
        write_last(self.session.sync_session, row)

    def emit(self, *facts: Fact) -> None:
        """State facts, in their order. They reach Kafka if and only if the transaction commits."""
        emitted = [(fact, new_id()) for fact in facts]
        self.facts.extend(emitted)
        if self._is_late:
            self._late |= dict.fromkeys((id_ for _, id_ in emitted), self._behind_it())

    @contextmanager
    def late_for(self, cause: Envelope | None) -> Iterator[None]:
        """What an earlier event should have caused by now is done in the name of who caused it."""
        if cause is None:
            yield
            return
        before = self.actor, self.cause
        self.cause, self._is_late = cause, True
        self.actor = Actor(
            name=cause.actor, on_behalf_of=cause.onbehalfof, reason=cause.reason, everywhere=True
        )
        try:
            yield
        finally:
            (self.actor, self.cause), self._is_late = before, False

    async def erase(self, aggregate: Aggregate) -> None:
        """Delete an aggregate, and state its tombstone: whoever keeps its state forgets it too.

        It is the last statement about the aggregate. That there was one, and who erased it for
        which reason, stays in the audit.
        """
        aggregate.version += 1
        self._erased[aggregate] = aggregate.version
        await self.session.delete(aggregate)

    async def complete(self) -> None:
        """Write the aggregates, so that their rows are locked; the facts follow with the commit."""
        await self.session.run_sync(self._complete)

    async def relieve(self) -> None:
        """Write now what was done and stated so far, and forget it: for what is too much to hold.

        It is visible, and on its way to Kafka, no earlier than all the rest: with the commit.
        """
        await self.session.run_sync(self._relieve)

    async def commit(self) -> None:
        """Complete, and commit."""
        await self.session.run_sync(self._commit)

    def _relieve(self, session: Session) -> None:
        self._complete(session)
        write_stated(session)
        self.facts.clear()
        self._erased.clear()
        session.expunge_all()

    def _commit(self, session: Session) -> None:
        self._complete(session)
        session.commit()

    def _complete(self, session: Session) -> None:
        session.flush()
        self._refuse_zombies(session)
        common, behind = self._common_attributes(), self._behind_it()
        for fact, event_id in self.facts:
            event = fact.event
            attributes = _attributes(event_id, event.type, fact.aggregate, fact.sequence)
            attributes |= common | self._late.get(event_id, behind)
            data = event.model_dump_json()
            state_attributes(session, event.topic, attributes, data)
            lasting = None if fact.aggregate in self._erased else data
            record(session, attributes, lasting, kept=fact.aggregate.__history__)
        for aggregate, sequence in self._erased.items():
            topic = topic_of_facts(type(aggregate), self._service)
            attributes = _attributes(new_id(), state_type(topic), aggregate, sequence)
            attributes |= common | behind
            state_attributes(session, state_topic(topic), attributes, None)
            record(session, attributes, kept=aggregate.__history__)
            if aggregate.__history__:
                forget_states(session, topic, aggregate.id)
            again = {"subject": aggregate.id, "sequence": sequence, "topic": state_topic(topic)}
            session.execute(pending_tombstones.insert(), again)

    def _refuse_zombies(self, session: Session) -> None:
        stated = {id(fact.aggregate): fact.sequence for fact, _ in self.facts}
        erased = {id(aggregate): sequence for aggregate, sequence in self._erased.items()}
        for aggregate in session.info.pop("changed", {}).values():
            last = erased if inspect(aggregate).deleted else stated
            if last.get(id(aggregate)) != aggregate.version:
                raise ZombieRecord(f"{aggregate!r} changed or went, and that was not stated last")

    def _common_attributes(self) -> dict[str, Any]:
        """What every event of this transaction says: when, by which service, in which trace."""
        span = trace.get_current_span().get_span_context()
        common: dict[str, Any] = {"source": f"florin/{self._service}", "time": datetime.now(UTC)}
        return common | ({"traceparent": _traceparent(span)} if span.is_valid else {})

    def _behind_it(self) -> dict[str, Any]:
        """Who does it, for whom and why, and in consequence of what."""
        said = {
            "actor": self.actor.name,
            "onbehalfof": self.actor.on_behalf_of,
            "reason": self.actor.reason,
            "causationid": self.cause.id if self.cause else None,
        }
        return {name: value for name, value in said.items() if value is not None}


def _traceparent(span: trace.SpanContext) -> str:
    """Source: W3C Trace Context, section 3.2."""
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"


def _attributes(event_id: UUID, type_: str, aggregate: Aggregate, sequence: int) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": type_,
        "subject": aggregate.id,
        "sequence": sequence,
        "dataschema": schema_id(type_),
    }


class Begin(Protocol):
    """The one thing passed into a use case: opens its transaction, bound to whoever acts."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that commits when its block is left, unless by an exception."""
        ...


@asynccontextmanager
async def transact(
    session: AsyncSession,
    service: str,
    actor: Actor,
    cause: Envelope | None = None,
    *,
    commits: bool = False,
) -> AsyncIterator[Transaction]:
    """One transaction in `session`, all but its commit unless told; database faults as refusals."""
    transaction = Transaction(session, service, actor, cause)
    finish = transaction.commit if commits else transaction.complete
    try:
        try:
            yield transaction
        except Refusal as refusal:
            if refusal.keeps:
                await finish()
            raise
        await finish()
    except StaleDataError as error:
        raise ConcurrentChange("someone else changed it at the same time: try again") from error
    except IntegrityError as error:
        raise _refusal_or(error) from error


def _refusal_or(error: IntegrityError) -> Exception:
    constraint = getattr(error.orig.__cause__ if error.orig else None, "constraint_name", None)
    refusal = refusal_of(constraint)
    return refusal.broken() if refusal else error


@event.listens_for(Session, "before_flush")
def _remember_changed(session: Session, *_: object) -> None:
    changed = session.info.setdefault("changed", {})
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Aggregate) and (row not in session.dirty or session.is_modified(row)):
            changed[id(row)] = row


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_changes(state: ORMExecuteState) -> None:
    """A bulk statement would change stated rows behind their events' back."""
    if state.is_select or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, Aggregate):
        raise ZombieRecord(f"bulk change of {state.bind_mapper.class_.__name__}: load and emit")
