"""Faults of PostgreSQL: crashed, its sessions ended, its slots dropped, held by a transaction."""

from datetime import datetime
from typing import ClassVar, LiteralString

import psycopg
from tests.faults.fault import Fault

from florin_local.settings import SERVICES

DELAY_S_MAX = 10.0
"""No event takes longer to its readers while only one thing is wrong; generous on purpose."""

_HELD_S = (12.0, 16.0)


class PostgresRestart(Fault):
    """PostgreSQL crashes and recovers: every session is cut off."""

    name = "postgres-restart"
    disturbs = ("postgres",)
    pause_s = (3.0, 8.0)

    def strike(self) -> None:
        """SIGQUIT, and start."""
        self.arena.say("postgres-restart: immediate shutdown")
        self.arena.stack.postgres.restart_immediately()


class BackendKill(Fault):
    """Sessions of the services are ended at random, whatever they are doing."""

    name = "backend-kill"
    disturbs = ("postgres",)
    pause_s = (0.1, 1.0)

    def strike(self) -> None:
        """End each with a chance of one in four."""
        statement: LiteralString = """
            SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = ANY (%s) AND pid <> pg_backend_pid() AND random() < 0.25"""
        with psycopg.connect(self.arena.stack.postgres.admin_url) as connection:
            row = connection.execute(statement, [list(SERVICES)]).fetchone()
        self.arena.say(f"backend-kill: {row[0] if row else 0} sessions ended")


class SlotDropped(Fault):
    """Somebody drops the replication slots that the relays read from."""

    name = "slot-dropped"
    disturbs = (
        "identity relay",
        "providers relay",
    )
    pause_s = (3.0, 6.0)
    _slots: ClassVar[LiteralString] = """
        SELECT slot_name, active_pid FROM pg_replication_slots
        WHERE slot_type = 'logical' AND database = ANY (%s)"""

    def not_applicable(self) -> str | None:
        """Without slots there is nothing to drop."""
        return None if self._found() else "no relay reads from a replication slot"

    def strike(self) -> None:
        """End whoever reads from it, and drop it before it comes back."""
        for name, _ in self._found():
            self._drop(name)

    def _drop(self, name: str) -> None:
        terminate: LiteralString = """
            SELECT pg_terminate_backend(active_pid, 5000)
            FROM pg_replication_slots WHERE slot_name = %s AND active_pid IS NOT NULL"""
        for _ in range(20):
            try:
                with psycopg.connect(self.arena.stack.postgres.admin_url) as connection:
                    connection.execute(terminate, [name])
                    connection.execute("SELECT pg_drop_replication_slot(%s)", [name])
            except psycopg.errors.ObjectInUse:
                continue  # its reader was back first
            except psycopg.errors.UndefinedObject:
                return
            self.arena.say(f"slot-dropped: {name}")
            return

    def _found(self) -> list[tuple[str, int | None]]:
        with psycopg.connect(self.arena.stack.postgres.admin_url) as connection:
            return connection.execute(self._slots, [list(SERVICES)]).fetchall()


class OpenTransaction(Fault):
    """A transaction that has written stands open, in a service's database and beside it."""

    name = "open-transaction"
    pause_s = (1.0, 2.0)
    _own: ClassVar[LiteralString] = """
        INSERT INTO outbox (topic, subject, sequence, envelope, data)
        VALUES ('none', gen_random_uuid(), 1, '{}', '{}')"""

    def strike(self) -> None:
        """Write, wait, roll back: meanwhile every other event comes through in time."""
        stack, witness = self.arena.stack, self.arena.witness
        self.wait_for_calm()
        neighbour = stack.postgres.create_service_database("neighbour", "neighbour")
        with (
            psycopg.connect(neighbour.replace("+asyncpg", "", 1)) as beside,
            psycopg.connect(witness.url("clients")) as clients,
            psycopg.connect(witness.url("payers")) as payers,
        ):
            beside.execute("CREATE TEMPORARY TABLE written AS SELECT 1 AS one")
            clients.execute(self._own)
            payers.execute(self._own)
            since = _now(payers)
            self.arena.say("open-transaction: clients, payers and a neighbour hold one open")
            self.stay(*_HELD_S)
            self.arena.broken += witness.delays(since, DELAY_S_MAX, self.name)
            for connection in (beside, clients, payers):
                connection.rollback()


def _now(connection: psycopg.Connection[tuple[datetime, ...]]) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return row[0]
