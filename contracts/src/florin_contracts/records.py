"""Reads one record of a fact topic or a state topic: the first thing that a Python consumer needs.

Typical use::

    match read_record(message.headers, message.key, message.value):
        case Fact(envelope, ClientActivated() as event): ...
        case State(envelope, state): ...
        case Tombstone(envelope): ...
        case Unknown(): ...  # of a newer release: ignore it
        case Malformed(why): ...  # report it, and go on

The parts of a record are as every Kafka client for Python gives them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from pydantic import BaseModel, ValidationError

from florin_contracts.envelope import Envelope, MalformedEnvelope
from florin_contracts.events import published_events
from florin_contracts.states import published_states, state_type


@dataclass(frozen=True, slots=True)
class Fact:
    """Something happened; apply it once for each `envelope.id`.

    `event` is of the class that `envelope.type` names, and of its aggregate's public state.
    """

    envelope: Envelope
    event: BaseModel


@dataclass(frozen=True, slots=True)
class State:
    """How the aggregate `envelope.subject` is as of `envelope.sequence`."""

    envelope: Envelope
    state: BaseModel


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The aggregate `envelope.subject` was erased: forget its state."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed record of a type or version that this release does not know."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Malformed:
    """No record of ours, or one that breaks its schema; `why` never quotes its data."""

    why: str


Record: TypeAlias = Fact | State | Tombstone | Unknown | Malformed


def read_record(
    headers: Iterable[tuple[str, bytes | None]] | None, key: bytes | None, value: bytes | None
) -> Record:
    """What a Kafka record says, whatever it holds; never raises."""
    try:
        envelope = Envelope.from_headers(headers or ())
        if key != str(envelope.subject).encode():
            return Malformed("its key is not its subject")
        return _read(envelope, value)
    except MalformedEnvelope as error:
        return Malformed(f"its envelope is malformed: {_complaint(error.__cause__ or error)}")
    except ValidationError as error:
        return Malformed(f"its data is malformed: {_complaint(error)}")


def _read(envelope: Envelope, value: bytes | None) -> Record:
    if event := _events().get(envelope.type):
        if value is None:
            return Malformed("a fact without data")
        return Fact(envelope, event.model_validate_json(value))
    if state := _states().get(envelope.type):
        if value is None:
            return Tombstone(envelope)
        return State(envelope, state.model_validate_json(value))
    return Unknown(envelope)


_events = cache(published_events)


@cache
def _states() -> dict[str, type[BaseModel]]:
    return {state_type(topic): state for topic, state in published_states().items()}


def _complaint(error: BaseException) -> str:
    """Which fields are wrong and why, without what they hold: data may be somebody's own."""
    if not isinstance(error, ValidationError):
        return str(error)
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'data'}: {e['msg']}" for e in found)
