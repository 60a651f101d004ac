"""The relay's replication slot and publication: made when missing, watched, given back."""

import re
from typing import Any

import psycopg
import structlog
from asyncpg import Connection
from psycopg import generators, sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import make_url

from florin_chassis.metrics import SLOT_LAG, SLOT_STATUS
from florin_chassis.road.pgoutput import position_of
from florin_chassis.road.records import COLUMNS
from florin_chassis.road.wal import Stream
from florin_chassis.settings import ServiceSettings

PUBLICATION = "florin_outbox"
_CONNECT_S = 10
_NAME_MAX = 63
_PUBLISH = sql.SQL(
    "CREATE PUBLICATION {name} FOR TABLE outbox ({columns})"
    " WITH (publish = 'insert', publish_via_partition_root = true)"
).format(name=sql.Identifier(PUBLICATION), columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)))
_STATE = (
    "SELECT wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint AS lag"
    " FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()"
)
_DROP = (
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
    " WHERE slot_name = $1 AND database = current_database() AND NOT active"
)
_STATUSES = ("reserved", "extended", "unreserved", "lost", "none")
_log = structlog.get_logger(__name__)


def slot_name(settings: ServiceSettings) -> str:
    """The slot's name: what the settings say, or after the database, as PostgreSQL allows it."""
    database = make_url(settings.database_url.get_secret_value()).database or ""
    made = re.sub(r"[^a-z0-9_]", "_", f"florin_{database}".lower())[:_NAME_MAX]
    return settings.relay_slot or made


async def open_stream(settings: ServiceSettings) -> Stream:
    """The stream of the outbox, its slot made anew where it is missing or lost.

    Making it waits for transactions that are open anywhere in the cluster: poll meanwhile. Raises
    `psycopg.Error` where there is no stream to be had.
    """
    name = slot_name(settings)
    connection = await psycopg.AsyncConnection.connect(
        _conninfo(settings), autocommit=True, connect_timeout=_CONNECT_S
    )
    try:
        await _prepare(connection, name)
        target = await _value(connection, sql.SQL("SELECT pg_current_wal_flush_lsn()"))
        await _start(connection, name)
    except BaseException:
        await connection.close()
        raise
    return Stream(connection, position_of(target))


async def _prepare(connection: psycopg.AsyncConnection, name: str) -> None:
    query = sql.SQL("SELECT wal_status FROM pg_replication_slots WHERE slot_name = {}")
    status = await _value(connection, query.format(name))
    query = sql.SQL("SELECT pubname FROM pg_publication WHERE pubname = {}")
    is_published = await _value(connection, query.format(PUBLICATION))
    if not is_published:
        await connection.execute(_PUBLISH)
    if status == "lost" or (status and not is_published):
        # The log before the publication cannot be read with it.
        _log.warning("the replication slot is of no use any more: made anew", slot=name)
        await connection.execute(sql.SQL("DROP_REPLICATION_SLOT {}").format(sql.Identifier(name)))
        status = None
    if not status:
        create = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'nothing')")
        await connection.execute(create.format(sql.Identifier(name)))


async def _value(connection: psycopg.AsyncConnection, query: sql.SQL | sql.Composed) -> Any:
    row = await (await connection.execute(query)).fetchone()
    return row and row[0]


async def _start(connection: psycopg.AsyncConnection, name: str) -> None:
    start = sql.SQL(
        "START_REPLICATION SLOT {} LOGICAL 0/0 (proto_version '1', publication_names {})"
    ).format(sql.Identifier(name), PUBLICATION)
    connection.pgconn.send_query(start.as_bytes(connection))
    result = (await connection.wait(generators.execute(connection.pgconn)))[0]
    if result.status != ExecStatus.COPY_BOTH:
        raise error_from_result(result)


def _conninfo(settings: ServiceSettings) -> str:
    url = make_url(settings.database_url.get_secret_value())
    return make_conninfo(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
        sslmode=str(url.query.get("ssl", "prefer")),
        replication="database",
        application_name="florin-relay",
    )


async def observe(connection: Connection, name: str) -> None:
    """Show the slot's state in the metrics."""
    row = await connection.fetchrow(_STATE, name)
    status = row["wal_status"] if row else "none"
    for each in _STATUSES:
        SLOT_STATUS.labels(each).set(each == status)
    SLOT_LAG.set(row["lag"] or 0 if row else 0)


async def give_back(connection: Connection, name: str) -> None:
    """Drop the slot if there is one: nobody reads it, and it would keep the log for ever."""
    if await connection.fetchval(_DROP, name) is not None:
        _log.info("replication slot dropped: this relay polls", slot=name)
