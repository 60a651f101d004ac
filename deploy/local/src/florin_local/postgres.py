"""A real PostgreSQL server for this machine: one database and one role per service."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from florin_local.accounts import run_as, unprivileged_account
from florin_local.ports import HOST, require_free
from florin_local.postgres_binaries import PostgresBinaries, find_postgres
from florin_local.postgres_copies import within_reach
from florin_local.server import Server

ADMIN = "florin_admin"

_START_TIMEOUT_S = 60
_STOP_GRACE_S = 30

_OPTIONS = {
    "listen_addresses": HOST,
    # Everybody comes over TCP with a password: a socket file adds a path that can be too long.
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    # A relay that stays away fills no disk: past this its slot is lost, and it polls.
    "max_slot_wal_keep_size": "4GB",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A crash of the server loses nothing under these; a crash of the machine may lose everything.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}

# "all" does not cover physical replication: a service that may decode its own database's changes
# still cannot copy the whole cluster.
_HOST_BASED_ACCESS = f"host all all {HOST}/32 scram-sha-256\n"


class Postgres(Server):
    """One cluster. `durable=False` trades safety against power loss for speed, for tests."""

    name = "postgres"

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        durable: bool = True,
        log: Path | None = None,
        leashed: bool = False,
    ) -> None:
        super().__init__(data_dir, port, log=log, leashed=leashed)
        self.durable = durable
        self._cluster = self.data_dir / "cluster"
        self._password_file = self.data_dir / "admin-password"

    @property
    def admin_url(self) -> str:
        """The superuser's URL for libpq; the password is made with the cluster."""
        return f"postgresql://{ADMIN}:{self._admin_password}@{HOST}:{self.port}/postgres"

    def url(self, name: str, password: str) -> str:
        """The SQLAlchemy URL of a service's own database."""
        return f"postgresql+asyncpg://{name}:{quote(password, safe='')}@{HOST}:{self.port}/{name}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server, return when it answers."""
        if not self.process.running:
            require_free(self.port)
            account = unprivileged_account(self.data_dir)
            self._launch(within_reach(find_postgres(), account))
        self.process.wait_until(self._answers, timeout_s=_START_TIMEOUT_S)

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything is written, no process is left."""
        self.process.stop(signal.SIGINT, grace_s=_STOP_GRACE_S)

    def restart_immediately(self) -> None:
        """Crash and recover, as after a power cut: no checkpoint, every session cut off."""
        self.process.stop(signal.SIGQUIT, grace_s=_STOP_GRACE_S)
        self.start()

    def create_service_database(self, name: str, password: str) -> str:
        """Make, or bring up to date, the role and the database of one service; return its URL."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name):
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
            # Replication lets the service decode the changes of its own database, no other's.
            grant = sql.SQL("ALTER ROLE {} LOGIN REPLICATION PASSWORD {}")
            connection.execute(grant.format(sql.Identifier(name), sql.Literal(password)))
            database = sql.Identifier(name)
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(database, database))
            # Whoever may log in may connect to any database by default.
            for closed in (database, sql.Identifier("postgres"), sql.Identifier("template1")):
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(closed))
        return self.url(name, password)

    def drop_service_database(self, name: str) -> None:
        """Remove a service's database and role, ending whatever is connected."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP ROLE IF EXISTS {}"):
                connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    @property
    def _admin_password(self) -> str:
        return self._password_file.read_text()

    def _launch(self, binaries: PostgresBinaries) -> None:
        account = unprivileged_account(self.data_dir)
        if account:
            account.require_passage(self.data_dir.parent)
        if not self._password_file.exists():
            self._initialise(binaries)
        options = _OPTIONS | {"port": str(self.port)} | ({} if self.durable else _NOT_DURABLE)
        self.process.start(
            [
                binaries.postgres,
                *("-D", self._cluster),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            environment=_environment(self.data_dir),
            folder=self.data_dir,
            account=account,
            leash_signal=signal.SIGQUIT if self.leashed else None,
        )

    def _initialise(self, binaries: PostgresBinaries) -> None:
        # The password file is written last, so a cluster without one was interrupted half way.
        shutil.rmtree(self._cluster, ignore_errors=True)
        account = unprivileged_account(self.data_dir)
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account:
            account.own(self.data_dir)
        password = secrets.token_urlsafe(24)
        with _readable_by_server(password, self.data_dir) as password_file:
            subprocess.run(
                binaries.initdb_command(self._cluster, ADMIN, password_file, sync=self.durable),
                check=True,
                cwd=self.data_dir,
                env=_environment(self.data_dir),
                stdout=subprocess.DEVNULL,
                **run_as(account),
            )
        (self._cluster / "pg_hba.conf").write_text(_HOST_BASED_ACCESS)
        draft = self._password_file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(password)
        draft.replace(self._password_file)

    def _answers(self) -> bool:
        try:
            # Only our own cluster knows this password, so a stranger on the port never passes.
            psycopg.connect(self.admin_url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], query: LiteralString, name: str
) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@contextmanager
def _readable_by_server(password: str, folder: Path) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", dir=folder) as file:
        file.write(password)
        file.flush()
        status = folder.stat()
        os.chown(file.name, status.st_uid, status.st_gid)
        yield Path(file.name)
