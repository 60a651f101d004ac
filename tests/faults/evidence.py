"""What databases and Kafka hold after a run: plain values, for the checker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tests.shared.databases import Stated


@dataclass(frozen=True)
class StatedEvent:
    """An event as its owner's outbox holds it."""

    topic: str
    type: str
    stated: Stated
    cause: UUID | None
    actor: str
    at: datetime
    data: Mapping[str, Any]


class KeptAnswer(NamedTuple):
    """An answer as it is kept under its idempotency key, whose digest is given."""

    digest: str
    status: int
    body: Any


class Projection(NamedTuple):
    """The newest state that a service keeps of another's aggregate."""

    topic: str
    subject: UUID
    sequence: int


@dataclass(frozen=True)
class ServiceEvidence:
    """One service's database. `received` are the events in its inbox, with the time of each."""

    events: Sequence[StatedEvent] = ()
    audit: Sequence[Stated] = ()
    versions: Mapping[UUID, int] = field(default_factory=dict)
    received: Mapping[UUID, datetime] = field(default_factory=dict)
    parked: Sequence[str] = ()
    projections: Sequence[Projection] = ()
    answers: Sequence[KeptAnswer] = ()


class Posting(NamedTuple):
    """A document of the ledger: what its lines add up to, by currency, and how often it stands."""

    document: UUID
    sums: Mapping[str, int]
    entries: int


class Balance(NamedTuple):
    """An account: what is stored, and what its lines add up to."""

    account: UUID
    stored: int
    rebuilt: int


@dataclass(frozen=True)
class Books:
    """The ledger and the documents' numbers. `series` are numbers by company, type and year."""

    postings: Sequence[Posting] = ()
    balances: Sequence[Balance] = ()
    documents: Sequence[UUID] = ()
    series: Mapping[str, Sequence[int]] = field(default_factory=dict)
    last_numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Vitals:
    """What the system takes when at rest: bytes by process, connections by database."""

    memory_bytes: Mapping[str, int] = field(default_factory=dict)
    connections: Mapping[str, int] = field(default_factory=dict)
    open_transactions: int = 0


@dataclass(frozen=True)
class Evidence:
    """Everything that was found after a run, when the system had come to rest.

    `kafka` is what the topics of facts hold, `states` the version of each aggregate's last state
    beside them, `None` for one that was erased.
    `readers` are the services that listen to each topic; `unsettled` says what had not come to rest
    in time; `broken` are promises of single faults that were not kept.
    """

    services: Mapping[str, ServiceEvidence]
    readers: Mapping[str, Sequence[str]]
    kafka: Mapping[str, Sequence[Stated]]
    states: Mapping[str, Mapping[UUID, int | None]]
    books: Books = field(default_factory=Books)
    before: Vitals = field(default_factory=Vitals)
    after: Vitals = field(default_factory=Vitals)
    unsettled: Sequence[str] = ()
    broken: Sequence[str] = ()

    @property
    def events(self) -> list[StatedEvent]:
        """What all services have stated."""
        return [event for service in self.services.values() for event in service.events]
