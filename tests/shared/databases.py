"""What the four databases hold, read past the services, to compare with what they promise."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg
import yaml
from psycopg import sql

from florin_local.demo.checks import expect
from florin_local.settings import SERVICES
from florin_local.stack import Stack

TOPICS: list[dict[str, Any]] = [
    yaml.safe_load(entry.read_text("utf-8"))
    for entry in files("florin_contracts").joinpath("topics").iterdir()
    if entry.name.endswith(".yaml")
]

# They change with what a service hears or refuses; everything else only with what it states.
_OWN_TO_THE_PLUMBING = (
    "alembic_version",
    "idempotency_records",
    "inbox",
    "consumer_positions",
    "projected_states",
    "relay_cursors",
    # The security log tells of refusals, and the owner of an address of whoever tried to take it.
    "attempts",
    "letters",
    "security_checkpoints",
    "security_log",
    "security_seals",
    "security_unsealed",
)


class Stated(NamedTuple):
    """An event, and the aggregate's version after it."""

    subject: UUID
    sequence: int
    event_id: UUID


class Databases:
    """The databases of a stack, each read with its own service's role."""

    def __init__(self, stack: Stack) -> None:
        self._urls = {
            name: stack.database_url(name).replace("+asyncpg", "", 1) for name in SERVICES
        }

    def outbox(self, service: str) -> dict[str, list[Stated]]:
        """Every event that the service has stated, by topic, oldest first."""
        query: LiteralString = """
            SELECT topic, subject, sequence, (envelope::jsonb ->> 'id')::uuid
            FROM outbox ORDER BY id"""
        events: dict[str, list[Stated]] = defaultdict(list)
        for topic, *event in self.rows(service, query):
            events[topic].append(Stated(*event))
        return events

    def audit(self, service: str) -> list[Stated]:
        """Every act that the service has written down."""
        query: LiteralString = "SELECT subject, sequence, event_id FROM audit"
        return [Stated(*row) for row in self.rows(service, query)]

    def inbox(self, service: str) -> set[UUID]:
        """Every event that the service has handled."""
        return {row[0] for row in self.rows(service, "SELECT event_id FROM inbox")}

    def parked(self, service: str) -> list[tuple[Any, ...]]:
        """Every event that the service could not handle."""
        return self.rows(service, "SELECT topic, key, error FROM parked_events")

    def signing_key(self) -> tuple[str, str]:
        """The id of the key that signs now, and its private part as it is sealed."""
        query: LiteralString = """
            SELECT kid, sealed_private FROM signing_keys WHERE state = 'current'"""
        [(kid, sealed)] = self.rows("identity", query)
        return kid, sealed

    def erased(self, service: str) -> set[UUID]:
        """The aggregates that have a tombstone, and no row any more."""
        query: LiteralString = "SELECT subject FROM outbox WHERE data IS NULL"
        return {subject for (subject,) in self.rows(service, query)}

    def versions(self, service: str) -> dict[UUID, int]:
        """The version of every aggregate; of several with one id, the sum."""
        tables: LiteralString = """
            SELECT table_name FROM information_schema.columns
            WHERE table_schema = 'public' AND column_name IN ('id', 'version')
            GROUP BY table_name HAVING count(*) = 2"""
        with self._connected(service) as connection:
            found: dict[UUID, int] = defaultdict(int)
            for (table,) in connection.execute(tables).fetchall():
                query = sql.SQL("SELECT id, version FROM {}").format(sql.Identifier(table))
                for id_, version in connection.execute(query).fetchall():
                    found[id_] += version
            return found

    def expect_settled(self) -> None:
        """Raise `DoesNotHold` unless every event was handled by every service that reads its topic.

        Nothing happens by itself in a settled system.
        """
        received = {service: self.inbox(service) for service in SERVICES}
        for topic in TOPICS:
            stated = {event.event_id for event in self.outbox(topic["owner"])[topic["topic"]]}
            for reader in set(topic["readers"]) & set(SERVICES):
                what = f"events of {topic['topic']} that {reader} has not handled"
                expect(what, len(stated - received[reader]), 0)

    def counts(self) -> dict[str, int]:
        """How many rows each table of each service has, the plumbing's own left out."""
        return {
            f"{service}.{table}": count
            for service in SERVICES
            for table, count in self._counts(service)
        }

    def rows(self, service: str, query: LiteralString) -> list[tuple[Any, ...]]:
        """What a query of one service's database answers."""
        with self._connected(service) as connection:
            return connection.execute(query).fetchall()

    def _counts(self, service: str) -> list[tuple[str, int]]:
        tables: LiteralString = """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relnamespace = 'public'::regnamespace AND NOT c.relname = ANY (%s) ORDER BY 1"""
        with self._connected(service) as connection:
            names = connection.execute(tables, [list(_OWN_TO_THE_PLUMBING)]).fetchall()
            count: LiteralString = "SELECT count(*) FROM {}"
            return [
                (table, _scalar(connection, sql.SQL(count).format(sql.Identifier(table))))
                for (table,) in names
            ]

    @contextmanager
    def _connected(self, service: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        with psycopg.connect(self._urls[service]) as connection:
            yield connection


def _scalar(connection: psycopg.Connection[tuple[Any, ...]], query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
