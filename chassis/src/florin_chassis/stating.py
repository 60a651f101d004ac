"""What a session has stated: outbox and audit rows, written in one trip with its commit.

So may be any row that is only ever added, and that nobody in the transaction reads again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import FromClause, event, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, SessionTransaction

from florin_chassis.driver import Connection, literal
from florin_chassis.errors import Malformed, TooLarge
from florin_chassis.orm import Table
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


class Stated(dict[str, list[str]]):
    """Rows as SQL text behind the INSERT of their table, in the order in which they were stated."""

    def write(self, insert: str, row: str) -> None:
        """Have this row written."""
        self.setdefault(insert, []).append(row)

    def copy(self) -> "Stated":
        """What was stated so far."""
        return Stated((insert, [*rows]) for insert, rows in self.items())

    def statements(self) -> str:
        """One INSERT for each table."""
        return ";".join(insert + ",".join(rows) for insert, rows in self.items())


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
    row = (
        f"({literal(topic)},'{attributes['subject']}',{attributes['sequence']},{','.join(values)})"
    )
    _stated(session).write(_OUTBOX, row)


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
    texts = ",".join(map(_storable, words))
    trace_id = literal(traceparent.split("-")[1] if traceparent else None)
    history = (attributes["type"].split(".")[2], data) if kept else (None, None)
    keeping = ",".join(map(literal, history))
    row = (
        f"('{attributes['id']}','{attributes['time']}',{texts},"
        f"'{attributes['subject']}',{attributes['sequence']},{trace_id},{keeping})"
    )
    _stated(session).write(_AUDIT, row)


def write_last(session: Session, row: Table) -> None:
    """Have a new row inserted when the session commits, in the same trip: no flush, no reading it.

    Of its columns those that were given; the database fills in the others. Raises `Malformed` for
    what PostgreSQL cannot hold, and `TypeError` for a column of a type that is not known here.
    """
    table = row.__table__
    given = {name: value for name, value in vars(row).items() if name in table.columns}
    values = ",".join(_value(value, table, name) for name, value in given.items())
    _stated(session).write(_insert_of(table, tuple(given)), f"({values})")


@lru_cache(maxsize=256)
def _insert_of(table: FromClause, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES "  # noqa: S608 - names of ours


def _value(value: Any, table: FromClause, name: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(table.columns[name].type, JSONB):
        return _storable(orjson.dumps(value).decode())
    match value:
        case str():
            return _storable(value)
        case bytes():
            return literal(f"\\x{value.hex()}")
        case int():
            return str(value)
        case UUID() | datetime():
            return f"'{value}'"
    raise TypeError(f"{table}.{name} is of a type that is not written last")


def _storable(text: str | None) -> str:
    """As `literal`, of something that came from outside."""
    try:
        return literal(text)
    except ValueError as error:
        raise Malformed("a value cannot be stored") from error


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
    connection: Any = _begun(session).connection.dbapi_connection
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
    driver: Any = _begun(session).connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError("this session's engine is not of `Database`")
    driver.add_last(stated.statements())


def _begun(session: Session) -> SqlConnection:
    """The session's connection, in a transaction: SQLAlchemy begins one only with a statement."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if not driver.is_in_transaction():
        connection.exec_driver_sql("SELECT 1")
    return connection


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
