"""What the outbox says of the latest states: its rows in, records of the `-state` topics out; pure.

A fact carries its aggregate's whole public state. What an erasure or a restatement says goes to a
state topic as it is; without data it is a tombstone.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final
from uuid import UUID

import orjson

from florin_chassis.road.records import Reader, Record, Row, utf8
from florin_contracts.envelope import schema_id
from florin_contracts.states import is_state_topic, state_id, state_model, state_topic, state_type

_DEAD_LETTERS: Final = "-dead-letters"


class Unstated(Exception):
    """A fact from which no public state can be told: this code is not that which stated it."""


def latest_states(rows: Sequence[Row]) -> list[Record]:
    """The last state of each aggregate among these rows, in the order of the outbox.

    Raises `Unstated`; nothing is left out in silence.
    """
    last: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: int(row[0])):
        _, topic, subject, _, _ = row
        if topic.endswith(_DEAD_LETTERS):
            continue
        aggregate = (topic if is_state_topic(topic) else state_topic(topic), str(subject))
        last.pop(aggregate, None)  # so that the dictionary's order is that of the last rows
        last[aggregate] = row
    return [_record(topic, row) for (topic, _), row in last.items()]


STATES = Reader("states", latest_states)


def _record(topic: str, row: Row) -> Record:
    row_id, stated_on, subject, envelope, data = row
    if not is_state_topic(stated_on):
        envelope, data = _state_envelope(stated_on, envelope), _state(stated_on, envelope, data)
    return Record(row_id, topic, str(subject).encode(), utf8(data), envelope)


def _state_envelope(topic: str, envelope: str | bytes) -> bytes:
    """The fact's envelope, of another type, and with an id that is the same however often."""
    attributes = orjson.loads(envelope)
    attributes["id"] = str(state_id(UUID(attributes["id"])))
    attributes["type"] = state_type(topic)
    attributes["dataschema"] = schema_id(state_type(topic))
    return orjson.dumps(attributes)


def _state(topic: str, envelope: str | bytes, data: str | bytes) -> bytes:
    fact = orjson.loads(data)
    try:
        return orjson.dumps({name: fact[name] for name in _fields(topic)})
    except LookupError as error:
        kind = orjson.loads(envelope)["type"]
        raise Unstated(f"{kind} on {topic} tells no state: {error}") from error


@cache
def _fields(topic: str) -> tuple[str, ...]:
    return tuple(state_model(topic).model_fields)
