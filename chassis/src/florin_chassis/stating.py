"""What a session has stated: outbox and audit rows, written in one trip with its commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import event, update
from sqlalchemy.orm import Session, SessionTransaction

from florin_chassis.driver import Connection, literal
from florin_chassis.errors import Malformed, TooLarge
from florin_chassis.tables import audit
from florin_contracts.envelope import Envelope

EVENT_BYTES_MAX: Final = 524_288
"""Of one event, envelope and data: half of what a topic takes by default (max.message.bytes)."""

Attributes: TypeAlias = Mapping[str, Any]
"""Those of an `Envelope` by their names, the absent ones left out; ids and times are values."""

_STATED: Final = "stated"
_OUTBOX: Final = "INSERT INTO outbox (topic, subject, sequence, envelope, data) VALUES "
_AUDIT: Final = (
    "INSERT INTO audit"
    " (event_id, at, actor, on_behalf_of, reason, act, subject, sequence, trace_id, kind, state)"
    " VALUES "
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
    """As `state_attributes`, of an envelope that there is already."""
    state_attributes(session, topic, envelope.model_dump(exclude_none=True), data)


def state_attributes(
    session: Session, topic: str, attributes: Attributes, data: str | None
) -> None:
    """Have an outbox row written when the session commits, after all that it flushes.

    Whatever states something writes its row this way: one order for all of a transaction.
    Raises `EventTooLarge`.
    """
    envelope = orjson.dumps(attributes, str, orjson.OPT_UTC_Z).decode()
    size = len(envelope) + len(data or "")
    if 4 * size > EVENT_BYTES_MAX:  # no character of UTF-8 has more bytes
        _refuse_large(f"{envelope}{data}", attributes["type"])
    values = (literal(envelope), literal(data))
    _stated(session).outbox.append(
        f"({literal(topic)},'{attributes['subject']}',{attributes['sequence']},{','.join(values)})"
    )


def record(
    session: Session, attributes: Attributes, data: str | None = None, *, kept: bool = False
) -> None:
    """Have an audit row written when the session commits: who did what, and in which trace.

    `kept` says that the aggregate keeps its history: then the row has what the fact carried.
    """
    traceparent = attributes.get("traceparent")
    words = (
        attributes["actor"],
        attributes.get("onbehalfof"),
        attributes.get("reason"),
        attributes["type"],
    )
    try:
        texts = ",".join(map(literal, words))
    except ValueError as error:
        raise Malformed("a value cannot be stored") from error
    trace_id = literal(traceparent.split("-")[1] if traceparent else None)
    history = (attributes["type"].split(".")[2], data) if kept else (None, None)
    keeping = ",".join(map(literal, history))
    _stated(session).audit.append(
        f"('{attributes['id']}','{attributes['time']}',{texts},"
        f"'{attributes['subject']}',{attributes['sequence']},{trace_id},{keeping})"
    )


def forget_states(session: Session, topic: str, subject: UUID) -> None:
    """Empty the history of an aggregate that is erased: that there were acts stays, and whose."""
    kind = topic.partition("-")[2]
    mine = (audit.c.subject == subject) & (audit.c.kind == kind)
    session.execute(update(audit).where(mine).values(state=None))


def write_stated(session: Session) -> None:
    """Write what was stated so far instead of holding it until the commit, which it still awaits.

    Past SQLAlchemy, which would keep each of these long statements as a prepared one.
    """
    stated: Stated | None = session.info.pop(_STATED, None)
    if stated is None or not (statements := stated.statements()):
        return
    connection: Any = session.connection().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(statements))


def _refuse_large(text: str, type_: str) -> None:
    size = len(text.encode())
    if size > EVENT_BYTES_MAX:
        raise EventTooLarge(
            f"{type_} would have {size} bytes, and an event has at most {EVENT_BYTES_MAX}",
            limit=EVENT_BYTES_MAX,
        )


def _stated(session: Session) -> Stated:
    stated: Stated | None = session.info.get(_STATED)
    if stated is None:
        stated = session.info[_STATED] = Stated()
    return stated


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
