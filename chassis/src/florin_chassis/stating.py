"""What a session has stated: outbox and audit rows, written in one trip with its commit."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from florin_chassis.driver import Connection, Scalar, literal
from florin_chassis.errors import Malformed, TooLarge
from florin_contracts.envelope import Envelope

EVENT_BYTES_MAX: Final = 524_288
"""Of one event, envelope and data: half of what a topic takes by default (max.message.bytes)."""

_STATED: Final = "stated"
_OUTBOX: Final = "INSERT INTO outbox (topic, subject, sequence, envelope, data) VALUES "
_AUDIT: Final = (
    "INSERT INTO audit"
    " (event_id, at, actor, on_behalf_of, reason, act, subject, sequence, trace_id) VALUES "
)


class EventTooLarge(TooLarge):
    """What would be told to others about this does not fit into one event."""

    code = "event_too_large"


@dataclass(slots=True)
class Stated:
    """Rows as SQL text, in the order in which they were stated."""

    outbox: list[str] = field(default_factory=list)
    audit: list[str] = field(default_factory=list)

    def copy(self) -> "Stated":
        """What was stated so far."""
        return Stated([*self.outbox], [*self.audit])

    def statements(self) -> str:
        """One INSERT for each table."""
        parts = ((_OUTBOX, self.outbox), (_AUDIT, self.audit))
        return ";".join(insert + ",".join(rows) for insert, rows in parts if rows)


def state(session: Session, topic: str, envelope: Envelope, data: str | None) -> None:
    """Have an outbox row written when the session commits, after all that it flushes.

    Whatever states something writes its row this way: one order for all of a transaction.
    Raises `EventTooLarge`.
    """
    attributes = envelope.model_dump_json(exclude_none=True)
    size = len(attributes.encode()) + len((data or "").encode())
    if size > EVENT_BYTES_MAX:
        raise EventTooLarge(
            f"{envelope.type} would have {size} bytes, and an event has at most {EVENT_BYTES_MAX}",
            limit=EVENT_BYTES_MAX,
        )
    row = _row((topic, envelope.subject, envelope.sequence, attributes, data))
    _stated(session).outbox.append(row)


def record(session: Session, envelope: Envelope) -> None:
    """Have an audit row written when the session commits: who did what, and in which trace."""
    values = (
        envelope.id,
        envelope.time,
        envelope.actor,
        envelope.onbehalfof,
        envelope.reason,
        envelope.type,
        envelope.subject,
        envelope.sequence,
        envelope.traceparent.split("-")[1] if envelope.traceparent else None,
    )
    _stated(session).audit.append(_row(values))


def _stated(session: Session) -> Stated:
    return session.info.setdefault(_STATED, Stated())  # type: ignore[no-any-return]


def _row(values: Iterable[Scalar]) -> str:
    try:
        return f"({','.join(map(literal, values))})"
    except ValueError as error:
        raise Malformed("a value cannot be stored") from error


@event.listens_for(Session, "before_commit")
def _hand_over(session: Session) -> None:
    """To the connection, which sends it with the COMMIT: after the flush that still follows."""
    stated: Stated | None = session.info.get(_STATED)
    if stated is None or session.in_nested_transaction():
        return
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if not driver.is_in_transaction():
        connection.exec_driver_sql("SELECT 1")  # SQLAlchemy begins only with a statement
    if not isinstance(driver, Connection):
        raise TypeError("this session's engine is not of `Database`")
    driver.add_last(stated.statements())


@event.listens_for(Session, "after_transaction_create")
def _note_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info[transaction] = _stated(session).copy()


@event.listens_for(Session, "after_soft_rollback")
def _return_to_savepoint(session: Session, ended: SessionTransaction) -> None:
    if ended.nested:
        session.info[_STATED] = session.info.pop(ended)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_STATED, None)
