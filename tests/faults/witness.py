"""Reads the evidence of a run from the databases and from Kafka."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from tests.faults.evidence import (
    Balance,
    Books,
    Evidence,
    KeptAnswer,
    Posting,
    Projection,
    ServiceEvidence,
    StatedEvent,
    Vitals,
)
from tests.faults.fleet import Fleet
from tests.faults.injected import is_injected
from tests.shared.databases import TOPICS, Databases, Stated
from tests.shared.kafka_log import Record, stated_on_kafka, states_on_kafka

from florin_local.settings import SERVICES
from florin_local.stack import Stack

READERS: Mapping[str, Sequence[str]] = {
    topic["topic"]: sorted(set(topic["readers"]) & set(SERVICES)) for topic in TOPICS
}

_STATED_BEFORE: LiteralString = """
    SELECT topic, (envelope::json ->> 'id')::uuid FROM outbox
    WHERE stated_at < now() - interval '1 s'"""
_RECEIVED: LiteralString = "SELECT event_id, received_at FROM inbox"


class Witness:
    """Looks at a stack from outside, past all of its processes."""

    def __init__(self, stack: Stack, fleet: Fleet) -> None:
        self._stack, self._fleet = stack, fleet
        self._databases = Databases(stack)

    def unsettled(self) -> list[str]:
        """What has not come to rest: events on their way, by topic and reader."""
        # What is received is read first, so that nothing that follows from it is missed.
        received = {service: self._databases.inbox(service) for service in SERVICES}
        left: dict[tuple[str, str], int] = {}
        for topic, readers in READERS.items():
            stated = {e.event_id for e in self._databases.outbox(_owner(topic))[topic]}
            left |= {(topic, reader): len(stated - received[reader]) for reader in readers}
        return [
            f"{count} events of {topic} have not come to {reader}"
            for (topic, reader), count in left.items()
            if count
        ] + [line for service in SERVICES for line in self._unpublished(service)]

    def _unpublished(self, service: str) -> list[str]:
        query: LiteralString = """
            SELECT reader, position, last FROM relay_cursors, (SELECT max(id) AS last FROM outbox) o
            WHERE position < last"""
        return [
            f"the relay of {service} has published {reader} up to {position}, not {last}"
            for reader, position, last in self._databases.rows(service, query)
        ]

    def vitals(self) -> Vitals:
        """What the system takes now."""
        query: LiteralString = """
            SELECT datname, count(*), count(*) FILTER (
                WHERE state LIKE 'idle in transaction%%' AND now() - state_change > interval '2 s')
            FROM pg_stat_activity
            WHERE datname = ANY (%s) AND pid <> pg_backend_pid() GROUP BY datname"""
        with psycopg.connect(self._stack.postgres.admin_url) as connection:
            rows = connection.execute(query, [list(SERVICES)]).fetchall()
        return Vitals(
            self._fleet.memory_bytes(),
            {name: count for name, count, _ in rows},
            sum(idle for _, _, idle in rows),
        )

    def evidence(
        self, before: Vitals, *, unsettled: Sequence[str], broken: Sequence[str]
    ) -> Evidence:
        """Everything, as it is now."""
        bootstrap = self._stack.kafka_bootstrap
        return Evidence(
            services={name: self._service(name) for name in SERVICES},
            readers=READERS,
            kafka=asyncio.run(stated_on_kafka(bootstrap, _of_florin)),
            states=asyncio.run(states_on_kafka(bootstrap)),
            books=self._books(),
            before=before,
            after=self.vitals(),
            unsettled=unsettled,
            broken=broken,
        )

    def url(self, service: str) -> str:
        """The database of a service, for psycopg, past the bad network."""
        return self._stack.database_url(service).replace("+asyncpg", "", 1)

    def execute(self, service: str, statement: LiteralString, *values: object) -> None:
        """Do what an operator would do in a service's database."""
        with psycopg.connect(self.url(service)) as connection:
            connection.execute(statement, values)

    def a_provider(self) -> str:
        """The id of one that takes clients."""
        [(provider_id,), *_] = self._databases.rows("providers", "SELECT id FROM providers")
        return str(provider_id)

    def parked(self, service: str) -> set[tuple[str, int, int]]:
        """Where the messages stood that a service has put aside."""
        query: LiteralString = 'SELECT topic, "partition", "offset" FROM parked_events'
        return {(topic, at, offset) for topic, at, offset in self._databases.rows(service, query)}

    def discard(self, service: str, topic: str, partition: int, offset: int) -> None:
        """Throw away one message that was put aside."""
        statement: LiteralString = """
            DELETE FROM parked_events WHERE topic = %s AND "partition" = %s AND "offset" = %s"""
        self.execute(service, statement, topic, partition, offset)

    def delays(self, since: datetime, seconds_max: float, during: str) -> list[str]:
        """The events stated since then that took, or have waited, longer to a reader of theirs."""
        with psycopg.connect(self.url("payers")) as connection:
            now: Any = connection.execute("SELECT clock_timestamp()").fetchall()[0][0]
        received = {s: dict(self._databases.rows(s, _RECEIVED)) for s in SERVICES}
        late = []
        for name in SERVICES:
            for event in self._events(name):
                for reader in READERS[event.topic] if event.at >= since else ():
                    arrived = received[reader].get(event.stated.event_id, now)
                    if (seconds := (arrived - event.at).total_seconds()) > seconds_max:
                        late.append(f"{during}: {event.type} took {seconds:.1f} s to {reader}")
        return late

    def late(self) -> int:
        """How many events that were stated a second ago or longer have not come to a reader."""
        received = {service: self._databases.inbox(service) for service in SERVICES}
        return sum(
            event_id not in received[reader]
            for name in SERVICES
            for topic, event_id in self._databases.rows(name, _STATED_BEFORE)
            for reader in READERS.get(topic, ())
        )

    def _service(self, name: str) -> ServiceEvidence:
        read = self._databases.rows
        received = read(name, _RECEIVED)
        projections = read(name, "SELECT topic, id, sequence FROM projected_states")
        return ServiceEvidence(
            events=self._events(name),
            audit=self._databases.audit(name),
            versions=self._databases.versions(name),
            received=dict(received),
            parked=[f"{topic} {key}: {why}" for topic, key, why in self._databases.parked(name)],
            projections=[Projection(*row) for row in projections],
            answers=self._answers(name),
        )

    def _events(self, name: str) -> list[StatedEvent]:
        query: LiteralString = """
            SELECT topic, subject, sequence, envelope, data, stated_at FROM outbox ORDER BY id"""
        found = []
        for topic, subject, sequence, text, data, at in self._databases.rows(name, query):
            if topic not in READERS:
                continue  # states and dead letters are no facts
            envelope = json.loads(text)
            cause = envelope.get("causationid")
            found.append(
                StatedEvent(
                    topic=topic,
                    type=envelope["type"],
                    stated=Stated(subject, sequence, UUID(envelope["id"])),
                    cause=UUID(cause) if cause else None,
                    actor=envelope["actor"],
                    at=at,
                    data=json.loads(data),
                )
            )
        return found

    def _answers(self, name: str) -> list[KeptAnswer]:
        query: LiteralString = "SELECT key, status, body FROM idempotency_records"
        rows = self._databases.rows(name, query)
        return [KeptAnswer(key, status, _parsed(body)) for key, status, body in rows]

    def _books(self) -> Books:
        postings: LiteralString = """
            SELECT e.document_id, l.currency, sum(l.amount_minor), count(DISTINCT e.id)
            FROM ledger_entries e LEFT JOIN ledger_lines l ON l.entry_id = e.id
            GROUP BY e.document_id, l.currency"""
        balances: LiteralString = """
            SELECT a.id,
                (SELECT coalesce(sum(minor), 0) FROM balance_shards s WHERE s.account_id = a.id),
                (SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines l
                 WHERE l.holder_id = a.id AND l.book = 'personal')
            FROM accounts a"""
        documents: LiteralString = "SELECT id FROM payments UNION ALL SELECT id FROM expenses"
        read = self._databases.rows
        return Books(
            postings=[
                Posting(document, {currency: int(minor or 0)}, entries)
                for document, currency, minor, entries in read("payers", postings)
            ],
            balances=[Balance(a, int(s), int(r)) for a, s, r in read("payers", balances)],
            documents=[row[0] for row in read("payers", documents)],
            series=self._series(),
            last_numbers={
                f"{company} {_PREFIXES[kind]}-{series}": last
                for company, kind, series, last in read(
                    "payers", "SELECT company_id, document_type, series, last FROM number_series"
                )
            },
        )

    def _series(self) -> dict[str, list[int]]:
        series: dict[str, list[int]] = defaultdict(list)
        invoices = self._databases.rows("payers", "SELECT company_id, number FROM invoices")
        for company, number in invoices:
            name, _, place = number.rpartition("-")
            series[f"{company} {name}"].append(int(place))
        return series


_PREFIXES = {"invoice": "INV"}
"""How the templates that hold without a company's own begin: `INV-2026-000001`."""


def _owner(topic: str) -> str:
    return next(str(entry["owner"]) for entry in TOPICS if entry["topic"] == topic)


def _of_florin(record: Record) -> bool:
    return not is_injected(record)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
