"""What a reader of the outbox makes of its rows: records, ready for Kafka."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import orjson

from florin_contracts.envelope import CONTENT_TYPE
from florin_contracts.states import is_state_topic

Row: TypeAlias = Sequence[Any]
"""A row of the outbox: id, topic, subject, envelope and data; text as `str` or as UTF-8 bytes."""

COLUMNS = ("id", "topic", "subject", "envelope", "data")
"""Of a `Row`, in its order, which is the table's."""

_FIRST_HEADERS = (("ce_specversion", b"1.0"), ("content-type", CONTENT_TYPE.encode()))


class Record(NamedTuple):
    """What goes to a topic (without its prefix); `id` is the outbox row's, which it settles.

    The envelope is JSON; its `headers` are made when the batch is filled. Made when the row is
    read they would be a dozen objects for each event that waits, for the collector to walk.
    """

    id: int
    topic: str
    key: bytes
    value: bytes | None
    envelope: str | bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """One use of the outbox, with a cursor of its own: `Reader("facts", facts)`.

    `records` is given rows that were read together, in the order to publish them in. It may leave
    rows out: what it leaves out counts as done when the rest of them is acknowledged.
    """

    name: str
    records: Callable[[Sequence[Row]], list[Record]]


def facts(rows: Sequence[Row]) -> list[Record]:
    """Every row as it is, but those of state topics: another reader's."""
    return [
        Record(row_id, topic, utf8(subject) or b"", utf8(data), envelope)
        for row_id, topic, subject, envelope, data in rows
        if not is_state_topic(topic)
    ]


FACTS = Reader("facts", facts)


def utf8(value: Any) -> bytes | None:
    """The value's text as bytes, whether the driver gave text, bytes, a UUID or nothing."""
    if value is None or type(value) is bytes:
        return value
    return (value if type(value) is str else str(value)).encode()


def headers(envelope: str | bytes) -> list[tuple[str, bytes]]:
    """The same headers as `Envelope.to_headers`, without building the value again."""
    made = list(_FIRST_HEADERS)
    for name, value in orjson.loads(envelope).items():
        text = value if type(value) is str else str(value)
        made.append((_header_name(name), text.encode()))
    return made


@cache
def _header_name(attribute: str) -> str:
    return f"ce_{attribute}"
