"""Two versions of the services at once, while the database is migrated, forward and back."""

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, LiteralString

import psycopg
from tests.faults.fault import Fault
from tests.faults.fleet import Member
from tests.faults.next_version import BEFORE, GROWN, READS, RELEASE, NextVersion, make_next_version

from florin_local import programs
from florin_local.folders import PROJECT
from florin_local.settings import SERVICES

HELD_UP_S_MAX: Final = 2.0
"""No session waits longer for a migration: it gives way after half a second, and two may follow."""

_LOOK_S: Final = 0.1
_TOGETHER_S: Final = (4.0, 6.0)
_ALONE_S: Final = (3.0, 4.0)
_HELD_UP: Final[LiteralString] = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waiting.query_start)), 0)::float
    FROM pg_stat_activity AS waiting JOIN pg_stat_activity AS migrating
        ON migrating.pid = ANY (pg_blocking_pids(waiting.pid))
    WHERE waiting.wait_event_type = 'Lock' AND waiting.application_name <> 'florin migrate'
        AND migrating.application_name = 'florin migrate'"""


class TwoVersions(Fault):
    """Old and new version run at once during a migration, then only the new, then only the old."""

    name = "two-versions"
    pause_s = (0.5, 1.0)
    _number = 0

    def strike(self) -> None:
        """Migrate, put new beside old, take old away one by one, and go all the way back.

        The tables stay migrated: that is how a release is taken back.
        """
        TwoVersions._number += 1
        folder = self.arena.folder / f"version-{TwoVersions._number}"
        version = make_next_version(folder, TwoVersions._number)
        self.arena.say(f"{self.name}: {version.name} migrates the databases")
        self._migrate(version)
        old = list(self.arena.fleet.members)
        new = self._put_beside(version)
        self.arena.say(f"{self.name}: {len(old)} old and {len(new)} new processes at once")
        self.stay(*_TOGETHER_S)
        self._expect_version(version, new)
        self._one_by_one(old, self._end)
        self.arena.say(f"{self.name}: the old ones are gone")
        self.stay(*_ALONE_S)
        self._expect_written()
        self.arena.say(f"{self.name}: taken back")
        for service in SERVICES:
            self._start_again([member for member in old if member.service == service])
        self.stay(*_TOGETHER_S)
        self._one_by_one(new, self.arena.fleet.remove_noticed)

    def _migrate(self, version: NextVersion) -> None:
        with self._nobody_held_up(), ThreadPoolExecutor(len(SERVICES)) as all_at_once:
            list(all_at_once.map(lambda service: self._migrate_one(service, version), SERVICES))

    def _migrate_one(self, service: str, version: NextVersion) -> None:
        done = subprocess.run(
            programs.command(service, "migrate"),
            env=self.arena.stack.environment_of(service) | version.environment,
            cwd=PROJECT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self._broken(f"{service} did not migrate: {done.stderr[-500:]}")

    @contextmanager
    def _nobody_held_up(self) -> Iterator[None]:
        over, longest = threading.Event(), [0.0]

        def look() -> None:
            with psycopg.connect(self.arena.stack.postgres.admin_url, autocommit=True) as looking:
                while not over.wait(_LOOK_S):
                    row: Any = looking.execute(_HELD_UP).fetchone()
                    longest.append(row[0])

        with ThreadPoolExecutor(1) as beside:
            looked = beside.submit(look)
            try:
                yield
            finally:
                over.set()
            looked.result()
        self.arena.say(
            f"{self.name}: nobody waited longer than {max(longest):.1f} s for a migration"
        )
        if max(longest) > HELD_UP_S_MAX:
            self._broken(f"a migration held a session up {max(longest)} s")

    def _put_beside(self, version: NextVersion) -> list[Member]:
        """One new process of each kind, service by service: a machine starts so many at a time."""
        fleet, new = self.arena.fleet, []
        for service in self.rng.sample(SERVICES, len(SERVICES)):
            kinds = [member.kind for member in fleet.members if member.service == service]
            with self._environment(service, version):
                new += fleet.add_all(service, kinds)
        return new

    @contextmanager
    def _environment(self, service: str, version: NextVersion) -> Iterator[None]:
        """For what is started within the block."""
        environment = self.arena.stack.environment[service]
        before = dict(environment)
        environment |= version.environment
        try:
            yield
        finally:
            environment.clear()
            environment |= before

    def _one_by_one(self, members: Sequence[Member], end: Any) -> None:
        """Of each service one after the other, in an order of chance; all services at once."""
        chosen = {s: [m for m in members if m.service == s] for s in SERVICES}
        orders = [self.rng.sample(mine, len(mine)) for mine in chosen.values()]
        with ThreadPoolExecutor(len(orders)) as all_at_once:
            list(all_at_once.map(lambda order: [end(member) for member in order], orders))

    def _end(self, member: Member) -> None:
        """Its work is taken over by the new one of its kind."""
        self.arena.fleet.end_noticed(member)
        self.arena.fleet.taken_over(member)

    def _start_again(self, members: Sequence[Member]) -> None:
        fleet = self.arena.fleet
        fleet.start(*members)
        for member in members:
            if member.kind == "api":
                fleet.join_address(member)

    def _expect_version(self, version: NextVersion, new: Sequence[Member]) -> None:
        """That what is called new is new: otherwise the whole run would tell nothing."""
        for member in new:
            if member.kind != "api":
                continue
            with urllib.request.urlopen(f"{member.url}/openapi.json", timeout=30) as answer:  # noqa: S310
                said = json.load(answer)["info"]["version"]
            if said != version.name:
                self._broken(f"{member.name} is {said}")

    def _expect_written(self) -> None:
        """Rows of both versions, new fields in events, and states by the new reader."""
        service, topic, _ = READS
        asked: list[tuple[str, str, str]] = [
            (g.service, f"rows of {g.table} by {release}", _count(g.table, release))
            for g in GROWN
            for release in (BEFORE, RELEASE)
        ]
        asked += [
            (g.service, f"events of {g.table} with the new field", _EVENTS.format(topic=_topic(g)))
            for g in GROWN
        ]
        asked.append((service, f"states of {topic}", _STATES.format(topic=topic)))
        for owner, what, query in asked:
            with psycopg.connect(self.arena.witness.url(owner)) as connection:
                row: Any = connection.execute(query.encode()).fetchone()
            if not row[0]:
                self._broken(f"there are no {what}")

    def _broken(self, what: str) -> None:
        self.arena.broken.append(f"{self.name}: {what}")


_EVENTS: Final = "SELECT count(*) FROM outbox WHERE topic = '{topic}' AND data LIKE '%\"release\"%'"
_STATES: Final = "SELECT count(*) FROM projected_states WHERE topic = '{topic}'"


def _count(table: str, release: str) -> str:
    return f"SELECT count(*) FROM {table} WHERE release = '{release}'"  # noqa: S608 - no input


def _topic(grown: Any) -> str:
    return f"{grown.service}-{grown.table.removesuffix('s')}"
