"""The replication protocol's messages, as far as inserts into the outbox need them: pure.

https://www.postgresql.org/docs/current/protocol-replication.html and
https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

import struct
from typing import Final

from florin_chassis.road.records import COLUMNS, Row

_KEEPALIVE, _DATA = ord("k"), ord("w")
_BEGIN, _COMMIT, _INSERT, _RELATION = ord("B"), ord("C"), ord("I"), ord("R")
_NULL = ord("n")
_PAYLOAD: Final = 25
"""Where the logical message begins: after `w`, two positions and a time."""
_TUPLE: Final = _PAYLOAD + 8
"""Where an insert's columns begin: after `I`, the relation, `N` and their number."""
_U64 = struct.Struct(">Q").unpack_from
_U32 = struct.Struct(">I").unpack_from
_STATUS = struct.Struct(">cQQQqB").pack
_EPOCH_S: Final = 946_684_800
"""2000-01-01, from which PostgreSQL counts, in Unix time."""


class UnexpectedTable(Exception):
    """The stream's columns are not the ones that this version of the relay reads."""


class Decoder:
    """Collects the rows that the stream's messages carry, and up to where they are complete.

    `reached` is a position of the log: every transaction that ended before it has been collected.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.reached = 0
        self.reply_wanted = False
        self._is_inside = False

    def take(self) -> list[Row]:
        """The rows collected since the last time."""
        rows, self.rows = self.rows, []
        return rows

    def feed(self, message: bytes) -> None:
        """One message of the stream. Raises `UnexpectedTable`."""
        kind = message[0]
        if kind == _DATA:
            self._feed_data(message)
        elif kind == _KEEPALIVE:
            self.reply_wanted = self.reply_wanted or bool(message[17])
            if not self._is_inside:
                self.reached = max(self.reached, _U64(message, 1)[0])

    def _feed_data(self, message: bytes) -> None:
        kind = message[_PAYLOAD]
        if kind == _INSERT:
            self.rows.append(_row(message))
        elif kind == _BEGIN:
            self._is_inside = True
        elif kind == _COMMIT:
            self._is_inside = False
            self.reached = max(self.reached, _U64(message, _PAYLOAD + 10)[0])
        elif kind == _RELATION:
            _require_columns(message)


def _row(message: bytes) -> Row:
    """The columns of an insert: text as bytes, but for the id and the topic."""
    values: list[bytes | None] = []
    at = _TUPLE
    for _ in COLUMNS:
        if message[at] == _NULL:
            values.append(None)
            at += 1
        else:
            start = at + 5
            at = start + _U32(message, at + 1)[0]
            values.append(message[start:at])
    row_id, topic, subject, envelope, data = values
    return int(row_id or 0), str(topic, "utf-8"), subject, envelope, data  # type: ignore[arg-type]


def _require_columns(message: bytes) -> None:
    """A relation message: its number, then names that end with a zero, and columns with a flag."""
    schema_end = message.index(0, _PAYLOAD + 5)
    name_end = message.index(0, schema_end + 1)
    at, names = name_end + 4, []  # past the replica identity and the number of columns
    while at < len(message):
        end = message.index(0, at + 1)
        names.append(message[at + 1 : end].decode())
        at = end + 9
    if tuple(names) != COLUMNS:
        raise UnexpectedTable(f"the publication has the columns {names}, not {list(COLUMNS)}")


def status(flushed: int, unix_time: float) -> bytes:
    """A standby's message that everything before `flushed` needs no keeping any more."""
    microseconds = int((unix_time - _EPOCH_S) * 1_000_000)
    return _STATUS(b"r", flushed, flushed, flushed, microseconds, 0)


def position_of(text: str) -> int:
    """The number of a position that PostgreSQL writes as `16/B374D848`."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)
