"""What a Kafka record means here: an event to handle, a state to project, or nothing of ours."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from florin_chassis.road.projections import Projected
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.settings import ServiceSettings
from florin_contracts.envelope import Envelope
from florin_contracts.event import Event, event_types
from florin_contracts.states import state_topic, state_type

Record: TypeAlias = ConsumerRecord[bytes, bytes]


class Unreadable(ValueError):
    """The record is no event of ours, or not of its schema: it is parked as it came."""


@dataclass(frozen=True, slots=True)
class Message:
    """A Kafka record that is one of our events or states.

    `topic` is the topic of facts without the prefix, also where `is_state`: the record came from
    the state topic beside it. `event` is there if a handler answers it, `projected` if its state
    is kept; with neither it is ignored, which is what happens to types of a later release.
    """

    record: Record
    topic: str
    envelope: Envelope
    is_state: bool = False
    event: Event | None = None
    projected: Projected | None = None

    @property
    def subject(self) -> UUID:
        """The aggregate that it is about."""
        return self.envelope.subject

    @property
    def is_ignored(self) -> bool:
        """Whether nobody here wants it."""
        return self.event is None and self.projected is None


class Reader:
    """Reads the records of the topics that a service listens to."""

    def __init__(self, subscriptions: Subscriptions, settings: ServiceSettings) -> None:
        self._subscriptions = subscriptions
        self._prefix = settings.topic_prefix
        self._bytes_max = settings.event_bytes_max
        self._kinds = event_types()
        self._facts_of = {state_topic(topic): topic for topic in subscriptions.projected}

    def read(self, record: Record) -> Message:
        """Raises `Unreadable` on a record that is none of ours, or not of its schema."""
        try:
            return self._read(record)
        except ValidationError as error:  # its own text would repeat the data
            faults = (f"{_path(f['loc'])}: {f['msg']}" for f in error.errors(include_input=False))
            raise Unreadable(f"not of its schema: {'; '.join(faults)}") from error
        except ValueError as error:
            raise Unreadable(str(error)) from error

    def _read(self, record: Record) -> Message:
        if len(record.value or b"") > self._bytes_max:
            raise Unreadable(f"{len(record.value or b'')} bytes, more than {self._bytes_max}")
        envelope = Envelope.from_headers(record.headers)
        if record.key != str(envelope.subject).encode():
            raise Unreadable("the record's key is not the event's subject")
        topic = record.topic.removeprefix(self._prefix)
        if topic in self._facts_of:
            return self._state(record, self._facts_of[topic], envelope)
        return self._fact(record, topic, envelope)

    def _state(self, record: Record, topic: str, envelope: Envelope) -> Message:
        known = envelope.type == state_type(topic)
        projected = self._projected(record, topic, envelope) if known else None
        return Message(record, topic, envelope, is_state=True, projected=projected)

    def _fact(self, record: Record, topic: str, envelope: Envelope) -> Message:
        kind = self._kinds.get(envelope.type)
        if kind is None:  # of a later release, or a v2 beside the v1 that we read
            return Message(record, topic, envelope)
        if kind.topic != topic:
            raise Unreadable(f"{envelope.type} does not belong on this topic")
        handled = bool(self._subscriptions.handlers(envelope.type))
        kept = topic in self._subscriptions.projected
        if record.value is None and (handled or kept):
            raise Unreadable("a fact without a value")
        event = kind.model_validate_json(record.value or b"") if handled else None
        projected = self._projected(record, topic, envelope) if kept else None
        return Message(record, topic, envelope, event=event, projected=projected)

    def _projected(self, record: Record, topic: str, envelope: Envelope) -> Projected:
        state = None
        if record.value is not None:
            model = self._subscriptions.projected[topic]
            state = model.model_validate_json(record.value).model_dump_json()
        return Projected(topic, envelope.subject, envelope.sequence, state)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "value"
